import { useId } from 'react';
import { arcs, linePoints, niceCeiling } from '../lib/geometry.ts';

export interface Datum {
  readonly label: string;
  readonly value: number;
  /** What is shown for the value. */
  readonly text: string;
  /** A second, lighter value behind it: what was due, what is planned. */
  readonly behind?: number;
  readonly dashed?: boolean;
}

const COLOURS = ['var(--c1)', 'var(--c2)', 'var(--c3)', 'var(--c4)', 'var(--c5)', 'var(--c6)'];

function spoken(title: string, data: readonly Datum[]): string {
  return `${title}: ${data.map((one) => `${one.label} ${one.text}`).join(', ')}`;
}

export function Donut({ title, data, total }: { title: string; data: readonly Datum[]; total: string }) {
  const ring = arcs(
    data.map((one) => one.value),
    42,
  );
  return (
    <div className="donut">
      <svg viewBox="-52 -52 104 104" role="img" aria-label={spoken(title, data)}>
        <circle r="42" fill="none" stroke="var(--line)" strokeWidth="13" />
        {ring.map((arc, index) =>
          arc.path === '' ? null : (
            <path
              key={data[index]?.label}
              d={arc.path}
              fill="none"
              stroke={COLOURS[index % COLOURS.length]}
              strokeWidth="13"
            />
          ),
        )}
        <text textAnchor="middle" dy="6" className="donut-total">
          {total}
        </text>
      </svg>
      <ul className="legend">
        {data.map((one, index) => (
          <li key={one.label}>
            <span className="swatch" style={{ background: COLOURS[index % COLOURS.length] }} />
            <span className="legend-label">{one.label}</span>
            <strong>{one.text}</strong>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** Horizontal bars, for names. */
export function Bars({ title, data }: { title: string; data: readonly Datum[] }) {
  const top = Math.max(...data.map((one) => one.value), 0) || 1;
  return (
    <ul className="bars" aria-label={title}>
      {data.map((one, index) => (
        <li key={one.label}>
          <span className="bars-label">{one.label}</span>
          <strong>{one.text}</strong>
          <span className="bar">
            <span style={{ inlineSize: `${(100 * one.value) / top}%`, background: COLOURS[index % COLOURS.length] }} />
          </span>
        </li>
      ))}
    </ul>
  );
}

const WIDTH = 320;
const HEIGHT = 120;

/** Columns, for months; what was due stands lighter behind what came. */
export function Columns({ title, data }: { title: string; data: readonly Datum[] }) {
  const top = niceCeiling(Math.max(...data.map((one) => Math.max(one.value, one.behind ?? 0)), 0));
  const step = WIDTH / Math.max(data.length, 1);
  const bar = (value: number) => (value / top) * HEIGHT;
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={spoken(title, data)}>
        <Grid />
        {data.map((one, index) => (
          <g key={one.label}>
            {one.behind === undefined ? null : (
              <rect
                x={index * step + step * 0.12}
                width={step * 0.76}
                y={HEIGHT - bar(one.behind)}
                height={bar(one.behind)}
                fill="var(--c1-soft)"
              />
            )}
            <rect
              x={index * step + step * 0.2}
              width={step * 0.6}
              y={HEIGHT - bar(one.value)}
              height={bar(one.value)}
              fill="var(--c1)"
            >
              <title>{`${one.label}: ${one.text}`}</title>
            </rect>
          </g>
        ))}
      </svg>
      <Ends data={data} />
    </figure>
  );
}

/** A line over time; dashed from the first point that is a forecast. */
export function Line({ title, data }: { title: string; data: readonly Datum[] }) {
  const gradient = useId();
  const points = linePoints(
    data.map((one) => one.value),
    WIDTH,
    HEIGHT,
    niceCeiling(Math.max(...data.map((one) => one.value), 0)),
  );
  const first = data.findIndex((one) => one.dashed);
  const split = first < 0 ? points.length : first;
  const text = (some: typeof points) => some.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return (
    <figure className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={spoken(title, data)}>
        <defs>
          <linearGradient id={gradient} x1="0" y1="0" x2="0" y2="1">
            <stop offset="0" stopColor="var(--c1)" stopOpacity="0.28" />
            <stop offset="1" stopColor="var(--c1)" stopOpacity="0.02" />
          </linearGradient>
        </defs>
        <Grid />
        <polygon points={`0,${HEIGHT} ${text(points)} ${WIDTH},${HEIGHT}`} fill={`url(#${gradient})`} />
        <polyline points={text(points.slice(0, split))} className="chart-line" />
        {first < 0 ? null : (
          <polyline points={text(points.slice(Math.max(split - 1, 0)))} className="chart-line chart-forecast" />
        )}
      </svg>
      <Ends data={data} />
    </figure>
  );
}

function Grid() {
  return (
    <>
      {[0.25, 0.5, 0.75].map((share) => (
        <line key={share} x1="0" x2={WIDTH} y1={HEIGHT * share} y2={HEIGHT * share} className="chart-grid" />
      ))}
    </>
  );
}

function Ends({ data }: { data: readonly Datum[] }) {
  const first = data[0];
  const last = data.at(-1);
  if (first === undefined || last === undefined) return null;
  return (
    <figcaption className="chart-ends">
      <span>
        {first.label}
        <strong>{first.text}</strong>
      </span>
      {data.length > 1 ? (
        <span>
          {last.label}
          <strong>{last.text}</strong>
        </span>
      ) : null}
    </figcaption>
  );
}
