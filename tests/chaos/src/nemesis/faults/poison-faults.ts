import { setTimeout as sleep } from 'node:timers/promises';
import type { RowDataPacket } from 'mysql2/promise';
import { compressedMessages } from '../../strangers/compressed-messages.js';
import { foreignMessages } from '../../strangers/foreign-messages.js';
import { oversizedMessages } from '../../strangers/oversized-messages.js';
import { resultMessages, type TrueOutcome } from '../../strangers/result-bodies.js';
import {
  STRANGER_PROPERTY,
  type StrangerMaker,
  type StrangerMessage,
  strangerEvent,
} from '../../strangers/stranger-message.js';
import { openStrangerPublisher, type StrangerPublisher } from '../../strangers/stranger-publisher.js';
import { textMessages } from '../../strangers/text-messages.js';
import { unreadableMessages } from '../../strangers/unreadable-messages.js';
import type { PlannedFault } from '../plan-faults.js';
import type { ChaosContext, InjectedFault } from './chaos-context.js';

/** The answer to a check-back of such a message is COMMIT. */
const AS_ORDER_SVC = { participant: 'order-svc', kind: 'outbox' };
const OUTCOMES = 5;
/** A broker that was killed before needs a while. */
const ATTEMPTS = 30;
const PAUSE_MS = 1_000;

/** What each kind of poison publishes on the message topic. */
const MESSAGES: Readonly<
  Record<string, (maker: StrangerMaker) => StrangerMessage[] | Promise<StrangerMessage[]>>
> = {
  'poison-unreadable': unreadableMessages,
  'poison-size': oversizedMessages,
  'poison-compression': compressedMessages,
  'poison-text': textMessages,
  'poison-foreign': foreignMessages,
};

/** Publishes messages of strangers, each with what the checker must expect of it. */
export async function publishPoison(context: ChaosContext, fault: PlannedFault): Promise<InjectedFault> {
  const { system, strangers, random, write } = context;
  const messages = (await MESSAGES[fault.kind]?.(strangers)) ?? [];
  const publish = async (publisher: StrangerPublisher, message: StrangerMessage) => {
    const { body, saysGzip = false, messageId } = message;
    const properties = { ...(random.chance(0.5) ? AS_ORDER_SVC : {}), [STRANGER_PROPERTY]: '1' };
    const certain = await isTaken(
      publisher.send({
        topic: system.messageTopic,
        kind: 'TRANSACTION',
        body,
        saysGzip,
        properties,
        ...(messageId === undefined ? {} : { messageId }),
      }),
    );
    write(strangerEvent(message, certain));
    return certain;
  };
  return publishAll(context, random.shuffle(messages), publish);
}

/** Publishes outcomes that can't be settled, and beside them some true ones that can. */
export async function publishBadResults(context: ChaosContext): Promise<InjectedFault> {
  const { system } = context;
  const [outcomes] = await system.stockDb.query<(RowDataPacket & TrueOutcome)[]>(
    `SELECT tx_no AS txNo, outcome, reason FROM tx_log WHERE tx_no NOT LIKE '%-stranger-%'
     ORDER BY create_time DESC LIMIT ?`,
    [OUTCOMES],
  );
  return publishAll(context, resultMessages(outcomes), (publisher, { body, saysGzip = false }) =>
    isTaken(publisher.send({ topic: system.resultTopic, kind: 'NORMAL', body, saysGzip, properties: {} })),
  );
}

async function publishAll<T>(
  { system }: ChaosContext,
  messages: readonly T[],
  publish: (publisher: StrangerPublisher, message: T) => Promise<boolean>,
): Promise<InjectedFault> {
  const publisher = openStrangerPublisher(system.broker.endpoints);
  let taken = 0;
  try {
    for (const message of messages) {
      for (let attempt = 1; !(await publish(publisher, message)); attempt += 1) {
        if (attempt === ATTEMPTS) throw new Error(`the broker took ${taken} of ${messages.length} messages`);
        await sleep(PAUSE_MS);
      }
      taken += 1;
    }
  } finally {
    publisher.close();
  }
  return { undo: async () => {}, detail: () => `${taken} messages` };
}

/** False when it is unknown whether the broker has it. */
async function isTaken(sent: Promise<void>): Promise<boolean> {
  try {
    await sent;
    return true;
  } catch {
    return false;
  }
}
