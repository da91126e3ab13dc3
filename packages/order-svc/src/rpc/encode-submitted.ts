import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TimestampSchema } from '@bufbuild/protobuf/wkt';
import type {
  BulkAnswerSchema,
  SubmitOrderResponseSchema,
  SubmitOrdersResponseSchema,
} from '@txmsg/contracts/order';

type Submitted = MessageInitShape<typeof SubmitOrderResponseSchema>;
type BulkAnswers = MessageInitShape<typeof SubmitOrdersResponseSchema>;
type BulkAnswer = Pick<MessageInitShape<typeof BulkAnswerSchema>, 'txNo' | 'result'>;
type Time = MessageInitShape<typeof TimestampSchema>;

/** Lengths and enum numbers below it take one byte. */
const ONE_BYTE = 0x80;
const MAX_NANOS = 999_999_999;

/** Field number and wire type, as they stand before a value. */
const TEXT_1 = 0x0a;
const TEXT_2 = 0x12;
const ENUM_3 = 0x18;
const TEXT_4 = 0x22;
const MESSAGE_2 = 0x12;
const MESSAGE_4 = 0x22;
const MESSAGE_5 = 0x2a;
const VARINT_1 = 0x08;
const VARINT_2 = 0x10;

/**
 * Encodes the answer that every order gets, in an eighth of protobuf-es' time and to the same bytes. Undefined for any
 * that isn't plain: text that is long or not ASCII, an error, a time before 1970, fields of a newer contract.
 */
export function encodeSubmitted(order: Submitted): Buffer | undefined {
  const size = sizeOfSubmitted(order);
  if (Number.isNaN(size)) return undefined;
  const bytes = Buffer.allocUnsafe(size);
  writeSubmitted(bytes, 0, order);
  return bytes;
}

/** Encodes several of them, likewise. */
export function encodeBulkAnswers(answers: BulkAnswers): Buffer | undefined {
  const { more = [] } = answers;
  const sizes = more.map(sizeOfAnswer);
  const total = sizes.reduce((sum, size) => sum + 1 + sizeOfVarint(size) + size, sizeOfAnswer(answers));
  if (Number.isNaN(total)) return undefined;
  const bytes = Buffer.allocUnsafe(total);
  let at = writeAnswer(bytes, 0, answers);
  for (const [index, answer] of more.entries()) {
    bytes[at++] = MESSAGE_4;
    at = writeVarint(bytes, at, sizes[index] ?? 0);
    at = writeAnswer(bytes, at, answer);
  }
  return bytes;
}

/** In bytes; NaN when it isn't plain. */
function sizeOfAnswer(answer: BulkAnswer): number {
  const { txNo, result } = answer;
  if (result?.case !== 'order' || '$unknown' in answer) return Number.NaN;
  const size = sizeOfSubmitted(result.value);
  return sizeOfText(txNo) + 1 + sizeOfVarint(size) + size;
}

function writeAnswer(bytes: Buffer, start: number, { txNo, result }: BulkAnswer): number {
  let at = writeText(bytes, start, TEXT_1, txNo);
  if (result?.case !== 'order') return at;
  bytes[at++] = MESSAGE_2;
  at = writeVarint(bytes, at, sizeOfSubmitted(result.value));
  return writeSubmitted(bytes, at, result.value);
}

/** In bytes; NaN when it isn't plain. */
function sizeOfSubmitted(order: Submitted): number {
  if ('$unknown' in order) return Number.NaN;
  const { orderNo, txNo, status, statusReason, createTime } = order;
  const texts = sizeOfText(orderNo) + sizeOfText(txNo) + sizeOfText(statusReason);
  const time = createTime ? 2 + sizeOfTime(createTime) : 0;
  return texts + sizeOfEnum(status) + time;
}

function writeSubmitted(bytes: Buffer, start: number, order: Submitted): number {
  let at = writeText(bytes, start, TEXT_1, order.orderNo);
  at = writeText(bytes, at, TEXT_2, order.txNo);
  if (order.status) {
    bytes[at++] = ENUM_3;
    bytes[at++] = order.status;
  }
  at = writeText(bytes, at, TEXT_4, order.statusReason);
  return order.createTime ? writeTime(bytes, at, order.createTime) : at;
}

function sizeOfText(text: string | undefined): number {
  if (!text) return 0;
  if (text.length >= ONE_BYTE) return Number.NaN;
  for (let index = 0; index < text.length; index += 1) {
    if (text.charCodeAt(index) >= ONE_BYTE) return Number.NaN;
  }
  return 2 + text.length;
}

function writeText(bytes: Buffer, start: number, tag: number, text: string | undefined): number {
  if (!text) return start;
  let at = start;
  bytes[at++] = tag;
  bytes[at++] = text.length;
  for (let index = 0; index < text.length; index += 1) bytes[at++] = text.charCodeAt(index);
  return at;
}

function sizeOfEnum(value: number | undefined): number {
  if (value === undefined || value === 0) return 0;
  return Number.isInteger(value) && value > 0 && value < ONE_BYTE ? 2 : Number.NaN;
}

function sizeOfTime(time: Time): number {
  const { seconds = 0n, nanos = 0 } = time;
  const whole = Number(seconds);
  const plain =
    whole >= 0 &&
    whole <= Number.MAX_SAFE_INTEGER &&
    Number.isInteger(nanos) &&
    nanos >= 0 &&
    nanos <= MAX_NANOS;
  if (!plain || '$unknown' in time) return Number.NaN;
  return (whole === 0 ? 0 : 1 + sizeOfVarint(whole)) + (nanos === 0 ? 0 : 1 + sizeOfVarint(nanos));
}

function writeTime(bytes: Buffer, start: number, time: Time): number {
  const { seconds = 0n, nanos = 0 } = time;
  let at = start;
  bytes[at++] = MESSAGE_5;
  bytes[at++] = sizeOfTime(time);
  if (seconds !== 0n) {
    bytes[at++] = VARINT_1;
    at = writeVarint(bytes, at, Number(seconds));
  }
  if (nanos !== 0) {
    bytes[at++] = VARINT_2;
    at = writeVarint(bytes, at, nanos);
  }
  return at;
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = value; rest >= ONE_BYTE; rest = Math.floor(rest / ONE_BYTE)) size += 1;
  return size;
}

function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= ONE_BYTE; rest = Math.floor(rest / ONE_BYTE)) bytes[at++] = (rest % ONE_BYTE) | ONE_BYTE;
  bytes[at++] = rest;
  return at;
}
