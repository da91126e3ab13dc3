import type { MessageInitShape } from '@bufbuild/protobuf';
import type { TimestampSchema } from '@bufbuild/protobuf/wkt';

/** A point in time as protobuf has it. */
export function encodeTimestamp(time: Date): MessageInitShape<typeof TimestampSchema> {
  const ms = time.getTime();
  return { seconds: BigInt(Math.floor(ms / 1_000)), nanos: (((ms % 1_000) + 1_000) % 1_000) * 1e6 };
}
