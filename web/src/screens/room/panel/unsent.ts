/** What is left in a field when the words that were sent from it have arrived: whatever was typed in the meantime. */
export const unsent = (sent: string) => (now: string) => (now.startsWith(sent) ? now.slice(sent.length).trimStart() : now);
