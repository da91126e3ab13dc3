import { describe, expect, it } from 'vitest';
import { drawCharts, niceCeiling, shortNumber } from './chart.js';

const chart = {
  title: 'a < b & c',
  unit: 'orders/s',
  series: ['ours', 'theirs'],
  groups: [
    { label: 'one', values: [10, 20] },
    { label: 'two', values: [undefined, 40] },
  ],
};

describe('drawCharts', () => {
  const svg = drawCharts([chart]);
  it('draws a bar for each value, two for the legend and one ground', () => {
    expect(svg.match(/<rect /g)).toHaveLength(3 + 2 + 1);
  });
  it('gives the highest bar its share of the axis', () => {
    // 40 of 50, on 204 pixels.
    expect(svg).toContain('height="163.2"');
  });
  it('escapes text', () => expect(svg).toContain('a &lt; b &amp; c'));
  it('is well-formed: every element is closed', () => {
    const opened = svg.match(/<(?!\/)[a-z]+[^>]*[^/]>/g) ?? [];
    const closed = svg.match(/<\/[a-z]+>/g) ?? [];
    expect(opened).toHaveLength(closed.length);
  });
  it('puts stacked bars on top of each other', () => {
    const stacked = drawCharts([{ ...chart, stacked: true, groups: [{ label: 'x', values: [30, 20] }] }]);
    // The axis ends at 50, so the two bars fill the plot from its top.
    expect(stacked).toContain('y="64.0" width');
    // Their sum stands above them.
    expect(stacked).toMatch(/>50<\/text>\n<text[^>]*>x<\/text>/);
  });
});

it('rounds an axis up', () => {
  expect([0, 0.3, 7, 11, 23, 2_600, 10_000].map(niceCeiling)).toEqual([1, 0.5, 10, 20, 25, 5_000, 10_000]);
});

it('shortens numbers', () => {
  expect([0, 2.5, 950, 6_240, 12_000, 250_400].map(shortNumber)).toEqual([
    '0',
    '2.5',
    '950',
    '6.2k',
    '12k',
    '250k',
  ]);
});
