/** How large the faces of a room can be in the space they have, without cutting more off them than need be. */

export interface Size {
  width: number;
  height: number;
}

/** Widest: the shape of a camera's picture. A wider tile would cut off foreheads and chins. */
const WIDEST = 16 / 9;

/**
 * The largest tile of which `count` fit, in pixels. `narrowest` is the least width per height that a tile may have: faces stay
 * whole at 4:3; a phone held upright may go narrower, for there the camera's picture is upright too.
 */
export function tileSize(count: number, space: Size, gap: number, narrowest: number): Size {
  let best: Size = { width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const cell = { width: (space.width - gap * (columns - 1)) / columns, height: (space.height - gap * (rows - 1)) / rows };
    const tile = within(cell, narrowest);
    if (tile.width * tile.height > best.width * best.height) best = tile;
  }
  return { width: Math.floor(best.width), height: Math.floor(best.height) };
}

function within({ width, height }: Size, narrowest: number): Size {
  return {
    width: Math.max(0, Math.min(width, height * WIDEST)),
    height: Math.max(0, Math.min(height, width / narrowest)),
  };
}
