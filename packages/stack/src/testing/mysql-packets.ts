const HEADER_BYTES = 4;
const COM_QUERY = 0x03;
const COM_STMT_PREPARE = 0x16;
const MORE_RESULTS = 0x0008;

/** Cuts a byte stream of the MySQL protocol into packets, including their headers. */
export class PacketSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** The packets that this piece completes. */
  add(piece: Buffer): Buffer[] {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    const packets: Buffer[] = [];
    let start = 0;
    while (bytes.length - start >= HEADER_BYTES) {
      const end = start + HEADER_BYTES + bytes.readUIntLE(start, 3);
      if (end > bytes.length) break;
      packets.push(bytes.subarray(start, end));
      start = end;
    }
    this.#rest = bytes.subarray(start);
    return packets;
  }
}

/** The statement that a client's packet asks to run or prepare; undefined for any other packet. */
export function statementOf(packet: Buffer): string | undefined {
  // A command begins a new sequence; packets of the handshake, and continuations of a long packet, don't.
  if (packet[3] !== 0) return undefined;
  const command = packet[HEADER_BYTES];
  if (command !== COM_QUERY && command !== COM_STMT_PREPARE) return undefined;
  let start = HEADER_BYTES + 1;
  // On MySQL 8 the counts of query attributes precede the text.
  while ((packet[start] ?? 0x20) < 0x20 && !isSpace(packet[start])) start += 1;
  return packet.toString('utf8', start);
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** How a reply continues after this packet of the server. */
export type ReplyState = 'MORE' | 'DONE' | 'ROWS';

/** Reads a packet of a reply without rows. Returns `ROWS` when rows begin; their end isn't followed. */
export function replyState(packet: Buffer): ReplyState {
  const kind = packet[HEADER_BYTES];
  if (kind === 0xff) return 'DONE';
  if (kind !== 0x00) return 'ROWS';
  const status = skipInteger(packet, skipInteger(packet, HEADER_BYTES + 1));
  return (packet.readUInt16LE(status) & MORE_RESULTS) === 0 ? 'DONE' : 'MORE';
}

/** The offset after a length-encoded integer. */
function skipInteger(packet: Buffer, offset: number): number {
  const first = packet[offset] ?? 0;
  if (first < 0xfb) return offset + 1;
  return offset + (first === 0xfc ? 3 : first === 0xfd ? 4 : 9);
}

/** An error packet that answers a command. */
export function errorPacket(errno: number, sqlState: string, message: string): Buffer {
  const text = Buffer.from(`#${sqlState}${message}`);
  const packet = Buffer.alloc(HEADER_BYTES + 3 + text.length);
  packet.writeUIntLE(3 + text.length, 0, 3);
  packet[3] = 1;
  packet[HEADER_BYTES] = 0xff;
  packet.writeUInt16LE(errno, HEADER_BYTES + 1);
  text.copy(packet, HEADER_BYTES + 3);
  return packet;
}
