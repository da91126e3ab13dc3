import type { Endpoints, Settings } from 'rocketmq-client-nodejs';
import type { RecoverOrphanedTransactionCommand } from 'rocketmq-client-nodejs/proto/apache/rocketmq/v2/service_pb.js';

/** What makes a session a producer's or a consumer's. */
export interface SessionRole {
  readonly topic: string;
  /** The consumer group; absent for a producer. */
  readonly group?: string;
  readonly settings: (clientId: string, endpoints: Endpoints) => Settings;
}

/** What a session tells its owner. */
export interface SessionEvents {
  /** The telemetry stream broke: the proxy is gone, or is restarting. */
  onLost(): void;
  onCheck(endpoints: string, command: RecoverOrphanedTransactionCommand): void;
}
