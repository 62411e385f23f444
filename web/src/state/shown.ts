/** How large each picture of the call is shown: the server sends no larger one than that. Pure. */
import type { Size } from "./tiles";

/** Pixels of height by track; 0 is out of sight. A track that is not here has not been laid out yet. */
export type Shown = ReadonlyMap<string, number>;

/** Few steps, so that a window being drawn larger does not ask anew for every pixel. */
const STEPS_PX = [180, 360, 720, 1080, 2160];
const CAMERA_SHAPE = 16 / 9;

/** The height a camera's picture needs to fill a tile, which may be narrower or wider than the picture is. */
export function heightNeeded({ width, height }: Size, pixelRatio: number): number {
  const needed = Math.max(height, width / CAMERA_SHAPE) * pixelRatio;
  return needed === 0 ? 0 : (STEPS_PX.find((step) => step >= needed) ?? 2160);
}
