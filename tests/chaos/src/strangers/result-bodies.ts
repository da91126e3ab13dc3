/** An outcome as the stock side has it on record. */
export interface TrueOutcome {
  readonly txNo: string;
  readonly outcome: string;
  readonly reason: string;
}

/** A message on the result topic that is wrong in some way, perhaps with right outcomes beside it. */
export interface ResultMessage {
  readonly what: string;
  readonly body: Buffer;
  readonly saysGzip?: boolean;
}

const INVALID = 1_000;
const EMPTY_RESULTS = 1_000_000;

const INVALID_FORMS: readonly ((index: number) => object)[] = [
  (index) => ({ txNo: `with space ${index}`, outcome: 'APPLIED' }),
  (index) => ({ txNo: `t-${index}`.padEnd(65, 'x'), outcome: 'APPLIED' }),
  (index) => ({ txNo: `订单-${index}`, outcome: 'REJECTED', reason: '没有库存' }),
  () => ({ txNo: '', outcome: 'APPLIED' }),
  (index) => ({ txNo: `t-${index}` }),
  (index) => ({ txNo: `t-${index}`, outcome: 'REJECTED', reason: 'R'.repeat(500) }),
];

/** Results that no relay can settle. Most have outcomes beside them that the relay must settle all the same. */
export function resultMessages(outcomes: readonly TrueOutcome[]): ResultMessage[] {
  const right = outcomes.map(({ txNo, outcome, reason }) => ({ txNo, outcome, ...(reason && { reason }) }));
  const invalid = Array.from({ length: INVALID }, (_, index) =>
    INVALID_FORMS[index % INVALID_FORMS.length]?.(index),
  );
  const success = right.map(({ txNo }) => ({ txNo, outcome: 'SUCCESS' }));
  const body = (txResults: readonly unknown[], participant = 'order-svc') =>
    Buffer.from(JSON.stringify({ participant, txResults }));
  return [
    { what: `${INVALID} invalid results`, body: body([...invalid, ...right]) },
    { what: 'the outcome SUCCESS', body: body([...success, ...right]) },
    { what: 'the outcome SUCCESS alone', body: body(success) },
    { what: 'outcomes of nobody', body: body(right, 'nobody') },
    { what: 'a participant with a long name', body: body(right, 'p'.repeat(10_000)) },
    { what: 'no JSON', body: Buffer.from('{"participant":"order-svc","txResults":[') },
    { what: 'text that says gzip', body: Buffer.from('not gzip'), saysGzip: true },
    {
      what: `${EMPTY_RESULTS} empty results`,
      body: Buffer.from(`{"participant":"order-svc","txResults":[${'{},'.repeat(EMPTY_RESULTS - 1)}{}]}`),
    },
  ];
}
