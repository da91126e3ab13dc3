import { RelayService } from '@txmsg/contracts';
import { createClientPool } from '@txmsg/grpc';
import type { ServiceScope } from '@txmsg/service';
import type { OutboxConfig } from '../outbox-settings.js';
import { createRelayLink, type RelayLink } from './relay-link.js';

/** Opens the link to the relays of the settings. At the stop it waits for what is under way, then closes its clients. */
export function connectRelays(
  config: Pick<OutboxConfig, 'relayAddresses' | 'relayTimeoutMs' | 'relayMaxInFlight' | 'participant'>,
  { logger, onStop }: Pick<ServiceScope, 'logger' | 'onStop'>,
): RelayLink {
  const { relayAddresses, relayTimeoutMs: timeoutMs, relayMaxInFlight: maxInFlight, participant } = config;
  const relays = createClientPool(RelayService, relayAddresses, { timeoutMs });
  onStop('relay clients', () => relays.close());
  const relay = createRelayLink(relays, { participant, maxInFlight, logger });
  onStop('relay link', () => relay.drain());
  return relay;
}
