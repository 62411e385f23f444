/** The bridge from `state/store` to React: a view reads, and is drawn again when the value changes. */
import { useSyncExternalStore } from "react";
import type { Readable } from "../state/store";

export const useReadable = <Value>(readable: Readable<Value>): Value => useSyncExternalStore(readable.subscribe, readable.get);
