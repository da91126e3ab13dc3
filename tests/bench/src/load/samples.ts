/** Numbers collected one by one, without an object per number. */
export class Samples {
  #values = new Float64Array(4_096);
  #length = 0;

  /** Adds a number. */
  add(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Float64Array(2 * this.#length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  /** How many numbers there are. */
  get length(): number {
    return this.#length;
  }

  /** A copy of the numbers, in their order. */
  toArray(): Float64Array {
    return this.#values.slice(0, this.#length);
  }
}
