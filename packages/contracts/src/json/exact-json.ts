/** A number as it was written: a JavaScript number would round it. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** Stands for the value of a name that an object has twice or more: nobody can say which of them is meant. */
export class Repeated {
  readonly values: ExactValue[];

  constructor(values: ExactValue[]) {
    this.values = values;
  }
}

export type ExactValue = null | boolean | string | ExactNumber | Repeated | ExactValue[] | ExactObject;

/** Has no prototype, so that each of its names comes from the text. */
export interface ExactObject {
  readonly [name: string]: ExactValue;
}

/** A text that is no JSON, or too much of it. */
export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly code: 'NOT_JSON' | 'TOO_MANY_VALUES';

  constructor(code: JsonError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** What a text may hold. */
export interface JsonLimits {
  /** Objects, lists, texts, numbers and keywords in all, without names. */
  readonly maxValues: number;
  /** How deep objects and lists may nest. */
  readonly maxDepth: number;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const SHOWN = 24;

/**
 * Parses JSON (RFC 8259) and keeps what JSON.parse loses: every digit of a number, and that a name stands twice. It
 * stops at the limits, before it makes more values.
 *
 * @throws JsonError that says what was expected and where
 */
export function parseExactJson(text: string, limits: JsonLimits): ExactValue {
  return new Parser(text, limits).parse();
}

class Parser {
  readonly #text: string;
  readonly #limits: JsonLimits;
  #at = 0;
  #values = 0;

  constructor(text: string, limits: JsonLimits) {
    this.#text = text;
    this.#limits = limits;
  }

  parse(): ExactValue {
    const value = this.#value(0);
    if (this.#next() !== '') this.#fail('nothing more');
    return value;
  }

  /** The next character after white space, or '' at the end. */
  #next(): string {
    for (; ; this.#at += 1) {
      const char = this.#text.charAt(this.#at);
      if (char !== ' ' && char !== '\n' && char !== '\r' && char !== '\t') return char;
    }
  }

  #value(depth: number): ExactValue {
    this.#values += 1;
    const { maxValues, maxDepth } = this.#limits;
    if (this.#values > maxValues) throw new JsonError('TOO_MANY_VALUES', `more than ${maxValues} values`);
    if (depth > maxDepth) throw new JsonError('TOO_MANY_VALUES', `nested deeper than ${maxDepth}`);
    const char = this.#next();
    if (char === '{') return this.#object(depth);
    if (char === '[') return this.#list(depth);
    if (char === '"') return this.#string();
    if (char === 't') return this.#keyword('true', true);
    if (char === 'f') return this.#keyword('false', false);
    if (char === 'n') return this.#keyword('null', null);
    return this.#number();
  }

  #object(depth: number): ExactObject {
    const object: Record<string, ExactValue> = Object.create(null);
    this.#at += 1;
    if (this.#next() === '}') return this.#end(object);
    for (;;) {
      if (this.#next() !== '"') this.#fail('a name in double quotes');
      const name = this.#string();
      if (this.#next() !== ':') this.#fail('":"');
      this.#at += 1;
      const value = this.#value(depth + 1);
      object[name] = name in object ? together(object[name] ?? null, value) : value;
      if (this.#next() === '}') return this.#end(object);
      if (this.#next() !== ',') this.#fail('"," or "}"');
      this.#at += 1;
    }
  }

  #list(depth: number): ExactValue[] {
    const list: ExactValue[] = [];
    this.#at += 1;
    if (this.#next() === ']') return this.#end(list);
    for (;;) {
      list.push(this.#value(depth + 1));
      if (this.#next() === ']') return this.#end(list);
      if (this.#next() !== ',') this.#fail('"," or "]"');
      this.#at += 1;
    }
  }

  #end<Value>(value: Value): Value {
    this.#at += 1;
    return value;
  }

  #string(): string {
    const start = this.#at;
    let end = start;
    do {
      end = this.#text.indexOf('"', end + 1);
      if (end < 0) this.#fail('a text that ends');
    } while (this.#isEscaped(end));
    try {
      const string: string = JSON.parse(this.#text.slice(start, end + 1));
      this.#at = end + 1;
      return string;
    } catch {
      return this.#fail('a text without control characters and unknown escapes');
    }
  }

  #isEscaped(quote: number): boolean {
    let at = quote - 1;
    while (this.#text.charAt(at) === '\\') at -= 1;
    return (quote - at) % 2 === 0;
  }

  #keyword<Value>(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#at)) this.#fail(word);
    this.#at += word.length;
    return value;
  }

  #number(): ExactNumber {
    NUMBER.lastIndex = this.#at;
    const match = NUMBER.exec(this.#text);
    if (!match) return this.#fail('a value');
    this.#at = NUMBER.lastIndex;
    return new ExactNumber(match[0]);
  }

  #fail(expected: string): never {
    const at = this.#at;
    const near = JSON.stringify(this.#text.slice(Math.max(0, at - SHOWN), at + SHOWN));
    const hint = this.#hint(this.#text.charAt(at - 1), this.#text.charAt(at));
    throw new JsonError('NOT_JSON', `character ${at}: expected ${expected}${hint}, near ${near}`);
  }

  /** What serialisers of other languages write that is no JSON. */
  #hint(before: string, char: string): string {
    if (char === "'") return ' (texts stand in double quotes)';
    return /\d/.test(before) && /[a-z]/i.test(char) ? ` (a number ends without "${char}")` : '';
  }
}

/** One value for all that an object has under one name, however often the name stands there. */
function together(before: ExactValue, value: ExactValue): Repeated {
  if (!(before instanceof Repeated)) return new Repeated([before, value]);
  before.values.push(value);
  return before;
}
