/** Creating a thing once, however often it must be asked for: a repeated request carries the same Idempotency-Key. */
import { isAway } from "./problem";

export type IdempotencyKey = Record<"Idempotency-Key", string>;

/**
 * As long as nobody knows what became of a request, asking for the same again is the same request. An answer, or another
 * wish, ends it: what was refused, made or changed is asked for anew.
 */
export function once<Wish, Made>(create: (wish: Wish, key: IdempotencyKey) => Promise<Made>): (wish: Wish) => Promise<Made> {
  let unanswered: { wish: string; key: IdempotencyKey } | null = null;
  return async (wish) => {
    const wanted = JSON.stringify(wish, describeFile);
    if (unanswered?.wish !== wanted) unanswered = { wish: wanted, key: { "Idempotency-Key": crypto.randomUUID() } };
    const asked = unanswered;
    const answered = () => {
      if (unanswered === asked) unanswered = null;
    };
    try {
      const made = await create(wish, asked.key);
      answered();
      return made;
    } catch (error) {
      if (!isAway(error)) answered();
      throw error;
    }
  };
}

/** A file that is chosen again is another object, and the same file. */
const describeFile = (_: string, value: unknown): unknown =>
  value instanceof File ? [value.name, value.size, value.lastModified] : value;
