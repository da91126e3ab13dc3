import { Sender } from './sender.js';
import type { CallOptions, OutgoingMessage, Publisher, PublisherOptions } from './types.js';

/** Makes a Publisher. Returns at once, and keeps connecting in the background until the caller closes it. */
export function createPublisher(options: PublisherOptions): Publisher {
  const sender = new Sender({ ...options, kind: 'NORMAL' });
  return {
    get available() {
      return sender.connection.available;
    },
    onAvailable: (listener) => sender.connection.onAvailable(listener),
    onAvailabilityChange: (listener) => sender.connection.onAvailabilityChange(listener),
    async send(message: OutgoingMessage, callOptions?: CallOptions) {
      const { messageId } = await sender.send(message, callOptions);
      return { messageId };
    },
    close: () => sender.close(),
  };
}
