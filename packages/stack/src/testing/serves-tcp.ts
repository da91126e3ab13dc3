import { connect } from 'node:net';
import { localHost } from '../parts/local-address.js';

/** True when something accepts a connection at host:port. */
export function servesTcp(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({
      host: localHost(address.slice(0, colon)),
      port: Number(address.slice(colon + 1)),
    });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
