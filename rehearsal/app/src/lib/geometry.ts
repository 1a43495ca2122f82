/** A round number not below the value, for the top of a chart. */
export function niceCeiling(value: number): number {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  for (const step of [1, 1.5, 2, 2.5, 3, 4, 5, 7.5, 10]) {
    if (step * power >= value) return step * power;
  }
  return 10 * power;
}

/** Points of a line through values, evenly spread over a box. */
export function linePoints(
  values: readonly number[],
  width: number,
  height: number,
  top: number,
): readonly (readonly [number, number])[] {
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  return values.map((value, index) => [index * step, height - (Math.max(value, 0) / top) * height]);
}

export interface Arc {
  readonly path: string;
  readonly share: number;
}

/** Arcs of a ring, clockwise from the top; a value of nothing gives an empty path. */
export function arcs(values: readonly number[], radius: number): readonly Arc[] {
  const total = values.reduce((sum, value) => sum + value, 0);
  let turned = 0;
  return values.map((value) => {
    const share = total > 0 ? value / total : 0;
    const from = turned;
    turned += share;
    if (share <= 0) return { path: '', share: 0 };
    // A full circle has no single arc: both ends would be the same point.
    const to = share >= 1 ? from + 0.99999 : turned;
    const [x1, y1] = point(from, radius);
    const [x2, y2] = point(to, radius);
    return { path: `M${x1} ${y1}A${radius} ${radius} 0 ${to - from > 0.5 ? 1 : 0} 1 ${x2} ${y2}`, share };
  });
}

function point(turn: number, radius: number): readonly [string, string] {
  const angle = turn * 2 * Math.PI - Math.PI / 2;
  return [(Math.cos(angle) * radius).toFixed(3), (Math.sin(angle) * radius).toFixed(3)];
}
