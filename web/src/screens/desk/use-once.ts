/** A create of this page that makes one thing, however often its button is pressed while the answer is lost. */
import { useState } from "react";
import { once } from "../../net/once";

/** `create` stands outside the page: all that is asked for is in its wish. */
export const useOnce: typeof once = (create) => useState(() => once(create))[0];
