/** A group of bars under one label. */
export interface BarGroup {
  readonly label: string;
  /** One value per series, in their order; undefined leaves a gap. */
  readonly values: readonly (number | undefined)[];
}

/** A bar chart. */
export interface BarChart {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly string[];
  readonly groups: readonly BarGroup[];
  /** Bars of a group on top of each other instead of side by side. Default false. */
  readonly stacked?: boolean;
}

const COLOURS = ['#2563eb', '#94a3b8', '#f59e0b', '#10b981', '#ef4444', '#8b5cf6'];
const WIDTH = 840;
const HEIGHT = 300;
const MARGIN = { top: 64, right: 16, bottom: 32, left: 64 };
const PLOT = { width: WIDTH - MARGIN.left - MARGIN.right, height: HEIGHT - MARGIN.top - MARGIN.bottom };

/** Draws charts one below the other as one SVG that is readable on a light and on a dark page. */
export function drawCharts(charts: readonly BarChart[]): string {
  const height = charts.length * HEIGHT;
  const parts = charts.map(
    (chart, index) => `<g transform="translate(0 ${index * HEIGHT})">${drawChart(chart)}</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeXml(charts.map(({ title }) => title).join('; '))}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawChart(chart: BarChart): string {
  const top = niceCeiling(Math.max(0, ...chart.groups.map((group) => heightOf(chart, group))));
  return [
    text(MARGIN.left, 22, chart.title, 'font-size="15" font-weight="600"'),
    ...chart.series.map((name, index) => legend(name, index, chart.series)),
    ...axis(top, chart.unit),
    ...chart.groups.flatMap((group, index) => bars(chart, group, index, top)),
  ].join('\n');
}

function heightOf({ stacked }: BarChart, { values }: BarGroup): number {
  const present = values.filter((value) => value !== undefined);
  return stacked ? present.reduce((sum, value) => sum + value, 0) : Math.max(0, ...present);
}

/** The next of 1, 2, 2.5 or 5 times a power of ten. */
export function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return step * power;
}

function legend(name: string, index: number, series: readonly string[]): string {
  // About seven pixels per character.
  const x = series.slice(0, index).reduce((sum, earlier) => sum + 30 + 7 * earlier.length, MARGIN.left);
  return `<rect x="${x}" y="34" width="10" height="10" fill="${colour(index)}"/>${text(x + 15, 43, name)}`;
}

function axis(top: number, unit: string): string[] {
  const lines = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => {
    const y = MARGIN.top + PLOT.height * (1 - share);
    const line = `<line x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y}" y2="${y}" stroke="#e2e8f0"/>`;
    return line + text(MARGIN.left - 8, y + 4, shortNumber(top * share), 'text-anchor="end"');
  });
  return [...lines, text(MARGIN.left - 8, MARGIN.top - 10, unit, 'text-anchor="end"')];
}

function bars(chart: BarChart, group: BarGroup, index: number, top: number): string[] {
  const room = PLOT.width / chart.groups.length;
  const left = MARGIN.left + index * room + room * 0.1;
  const width = (room * 0.8) / (chart.stacked ? 1 : chart.series.length);
  let below = 0;
  const drawn = group.values.map((value, series) => {
    if (value === undefined) return '';
    const height = (value / top) * PLOT.height;
    const x = left + (chart.stacked ? 0 : series * width);
    const y = MARGIN.top + PLOT.height - height - below;
    if (chart.stacked) below += height;
    const bar = `<rect x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(width * 0.92).toFixed(1)}" height="${height.toFixed(1)}" fill="${colour(series)}"/>`;
    return chart.stacked
      ? bar
      : bar + text(x + width * 0.46, y - 4, shortNumber(value), 'text-anchor="middle" font-size="10"');
  });
  const middle = MARGIN.left + (index + 0.5) * room;
  if (chart.stacked) {
    const y = MARGIN.top + PLOT.height - below - 4;
    drawn.push(text(middle, y, shortNumber(heightOf(chart, group)), 'text-anchor="middle" font-size="10"'));
  }
  return [...drawn, text(middle, HEIGHT - MARGIN.bottom + 16, group.label, 'text-anchor="middle"')];
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length] ?? '#000000';
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" fill="#0f172a" ${attributes}>${escapeXml(content)}</text>`;
}

function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** `950`, `6.2k`. */
export function shortNumber(value: number): string {
  if (value < 1_000) return value < 10 && value % 1 !== 0 ? value.toFixed(1) : String(Math.round(value));
  const thousands = value / 1_000;
  return `${thousands < 100 ? Number(thousands.toFixed(1)) : Math.round(thousands)}k`;
}
