/** A telephone number as Koreans write it. Numbers of other countries stay as they are. */

const SEOUL = /^(02)(\d{3,4})(\d{4})$/;
const OTHER = /^(0\d{2})(\d{3,4})(\d{4})$/;

/** 01012345678 → 010-1234-5678 */
export function phoneText(phone: string): string {
  const [, ...parts] = SEOUL.exec(phone) ?? OTHER.exec(phone) ?? [];
  return parts.length === 0 ? phone : parts.join("-");
}
