import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { status as Code, type ServiceError } from '@grpc/grpc-js';
import { type TxResult, TxResultSchema } from '@txmsg/contracts/message';
import type { ReceivedMessage } from '@txmsg/rocketmq';
import { chunks, type Logger, type RequestValidator, TxmsgError } from '@txmsg/service';
import type { Counters } from '../counters.js';
import type { ParticipantResults } from '../domain/group-results.js';
import type { ParticipantPool } from '../participants.js';

const RESULTS_MAX = 5_000;

/** What outcomes are settled with. */
export interface SettleOptions {
  readonly participants: ReadonlyMap<string, ParticipantPool>;
  readonly validator: RequestValidator;
  readonly counters: Counters;
  readonly logger: Logger;
}

/**
 * Hands a participant's outcomes to it; settling twice is harmless. Resolves when the messages may be acked.
 *
 * @throws ServiceError or TxmsgError when the participant can't take them now
 */
export async function settle(
  { participant, results, deliveryLagMs }: ParticipantResults<ReceivedMessage, TxResult>,
  options: SettleOptions,
): Promise<void> {
  const { participants, counters, logger } = options;
  const pool = participants.get(participant);
  if (!pool) {
    counters.add('result_messages_foreign');
    logger.error(
      { participant, results: results.length },
      'outcomes of an unknown participant: is the group shared?',
    );
    return;
  }
  const lag = deliveryLagMs === undefined ? {} : { deliveryLag: durationFromMs(deliveryLagMs) };
  for (const part of chunks(results, RESULTS_MAX)) {
    try {
      await settlePart(pool, { results: part, ...lag }, counters);
    } catch (error) {
      if ((error as ServiceError).code !== Code.INVALID_ARGUMENT) throw error;
      await settleValid(pool, { results: part, ...lag }, options, error);
    }
  }
}

type SettleRequest = {
  readonly results: TxResult[];
  readonly deliveryLag?: ReturnType<typeof durationFromMs>;
};

async function settlePart(pool: ParticipantPool, request: SettleRequest, counters: Counters): Promise<void> {
  const answer = await pool.call((client) => client.settleTransactions(request));
  counters.add('results_settled', answer.settled);
  counters.add('results_already_settled', answer.alreadySettled);
  counters.add('results_unknown', answer.unknown);
}

/** One outcome that breaks the contract must not hold up its neighbours: it is left out, and told. */
async function settleValid(
  pool: ParticipantPool,
  request: SettleRequest,
  { validator, counters, logger }: SettleOptions,
  refusal: unknown,
): Promise<void> {
  const results = request.results.filter((result) => isValid(validator, result));
  const dropped = request.results.length - results.length;
  if (dropped === 0) throw refusal;
  counters.add('results_invalid', dropped);
  logger.error({ err: refusal, dropped }, 'outcomes that break the contract are dropped');
  if (results.length > 0) await settlePart(pool, { ...request, results }, counters);
}

function isValid(validator: RequestValidator, result: TxResult): boolean {
  try {
    validator.check(TxResultSchema, result);
    return true;
  } catch (error) {
    if (error instanceof TxmsgError && error.code === 'INVALID_ARGUMENT') return false;
    throw error;
  }
}
