import type { MessageType } from '@txmsg/contracts/messages';

/** The message types of an outbox, by their names. */
export class MessageTypes {
  readonly #byName = new Map<string, MessageType<unknown>>();
  #untyped: MessageType<unknown> | undefined;

  /** @throws Error when two types have one name */
  constructor(types: readonly MessageType<unknown>[]) {
    for (const type of types) {
      if (this.#byName.has(type.type)) throw new Error(`two message types are named ${type.type}`);
      this.#byName.set(type.type, type);
    }
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  /** The only type, when there is one. */
  get only(): MessageType<unknown> | undefined {
    const [type] = this.#byName.values();
    return this.#byName.size === 1 ? type : undefined;
  }

  /** The type of rows without a type. */
  get untyped(): MessageType<unknown> | undefined {
    return this.#untyped;
  }

  /**
   * Rows without a type are of this one from now on.
   *
   * @throws Error when another is already, or it isn't among the types
   */
  setUntyped(type: MessageType<unknown>): void {
    this.require(type);
    if (this.#untyped)
      throw new Error(`${this.#untyped.type} has the group definition of this outbox already`);
    this.#untyped = type;
  }

  /** The type of a row; undefined for one that this replica doesn't know. */
  of(name: string | null): MessageType<unknown> | undefined {
    return name === null ? this.#untyped : this.#byName.get(name);
  }

  /** @throws Error when the type isn't among those of the outbox */
  require(type: MessageType<unknown>): void {
    if (this.#byName.get(type.type) !== type)
      throw new Error(`${type.type} is not among the messages of this outbox`);
  }
}
