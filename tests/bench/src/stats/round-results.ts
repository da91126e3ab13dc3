import { type Spread, spreadOf } from './stats.js';

/** What one run of a cell measured, by name. */
export type Figures = Readonly<Record<string, number>>;

/** The figures of every cell, one per round. */
export class RoundResults {
  readonly #rounds = new Map<string, Figures[]>();

  /** Adds a cell's next round. */
  add(cell: string, figures: Figures): void {
    const rounds = this.#rounds.get(cell) ?? [];
    rounds.push(figures);
    this.#rounds.set(cell, rounds);
  }

  /** The cells that have a round, ordered by their first one. */
  get cells(): readonly string[] {
    return [...this.#rounds.keys()];
  }

  /** The names of a cell's figures. */
  names(cell: string): readonly string[] {
    return [...new Set(this.#rounds.get(cell)?.flatMap((figures) => Object.keys(figures)))];
  }

  /** A figure over the rounds. Undefined when it was not measured. */
  spread(cell: string, name: string): Spread | undefined {
    const values = this.#values(cell, name).filter((value) => value !== undefined);
    return values.length > 0 ? spreadOf(values) : undefined;
  }

  /** The ratio of two figures per round, so a disturbance of the machine affects both. */
  ratio(
    over: readonly [cell: string, name: string],
    under: readonly [cell: string, name: string],
  ): Spread | undefined {
    const divisors = this.#values(...under);
    const ratios = this.#values(...over).flatMap((value, round) => {
      const divisor = divisors[round];
      return value === undefined || !divisor ? [] : [value / divisor];
    });
    return ratios.length > 0 ? spreadOf(ratios) : undefined;
  }

  #values(cell: string, name: string): readonly (number | undefined)[] {
    return this.#rounds.get(cell)?.map((figures) => figures[name]) ?? [];
  }
}
