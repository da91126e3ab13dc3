import { type EventEmitter, once } from 'node:events';
import type { DescMethod, DescService, Message } from '@bufbuild/protobuf';
import type {
  ServerDuplexStream,
  ServerUnaryCall,
  ServerWritableStream,
  sendUnaryData,
  UntypedHandleCall,
  UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { type Logger, TxmsgError } from '@txmsg/core';
import type { CallContext, ServiceHandlers } from './handlers.js';
import { toGrpcStatus } from './status.js';
import type { RequestValidator } from './validate-request.js';

type AnyCall =
  | ServerUnaryCall<Message, unknown>
  | ServerWritableStream<Message, unknown>
  | ServerDuplexStream<Message, unknown>;
type AnyHandler = (request: unknown, context: CallContext) => unknown;

/** What every call needs besides its handler. */
export interface CallEnvironment {
  readonly logger: Logger;
  readonly validator: RequestValidator;
}

/**
 * Turns a service's typed handlers into grpc-js handlers: checks requests, maps errors, and tells handlers when their
 * caller is gone.
 */
export function adaptHandlers<S extends DescService>(
  service: S,
  handlers: ServiceHandlers<S>,
  environment: CallEnvironment,
): UntypedServiceImplementation {
  const byName = handlers as unknown as Readonly<Record<string, AnyHandler>>;
  const adapted: Record<string, UntypedHandleCall> = {};
  for (const method of service.methods) {
    const handler = byName[method.localName];
    if (!handler) throw new TypeError(`${service.typeName}/${method.name} has no handler`);
    adapted[method.localName] = adaptHandler(method, handler, environment);
  }
  return adapted;
}

function adaptHandler(
  method: DescMethod,
  handler: AnyHandler,
  environment: CallEnvironment,
): UntypedHandleCall {
  switch (method.methodKind) {
    case 'unary':
      return unaryHandler(method, handler, environment);
    case 'server_streaming':
      return serverStreamHandler(method, handler, environment);
    case 'bidi_streaming':
      return bidiHandler(method, handler, environment);
    default:
      throw new TypeError(
        `${method.parent.typeName}/${method.name}: client streaming is not used by any contract`,
      );
  }
}

function unaryHandler(method: DescMethod, handler: AnyHandler, environment: CallEnvironment) {
  return async (call: ServerUnaryCall<Message, unknown>, callback: sendUnaryData<unknown>) => {
    try {
      environment.validator.check(method.input, call.request);
      callback(null, await handler(call.request, callContext(call)));
    } catch (error) {
      logUnexpected(environment.logger, method, error);
      callback(toGrpcStatus(error));
    }
  };
}

function serverStreamHandler(method: DescMethod, handler: AnyHandler, environment: CallEnvironment) {
  return async (call: ServerWritableStream<Message, unknown>) => {
    const context = callContext(call);
    try {
      environment.validator.check(method.input, call.request);
      for await (const response of handler(call.request, context) as AsyncIterable<unknown>) {
        if (context.signal.aborted) return;
        if (!call.write(response)) await once(call, 'drain', { signal: context.signal });
      }
      call.end();
    } catch (error) {
      if (context.signal.aborted) return;
      logUnexpected(environment.logger, method, error);
      call.emit('error', toGrpcStatus(error));
    }
  };
}

function bidiHandler(method: DescMethod, handler: AnyHandler, environment: CallEnvironment) {
  return async (call: ServerDuplexStream<Message, unknown>) => {
    const context = callContext(call);
    try {
      await handler(call, context);
      call.end();
    } catch (error) {
      if (context.signal.aborted) return;
      logUnexpected(environment.logger, method, error);
      call.emit('error', toGrpcStatus(error));
    }
  };
}

/** Each property is created at its first use: most unary handlers never ask for one. */
function callContext(call: AnyCall): CallContext {
  let signal: AbortSignal | undefined;
  return {
    get signal() {
      signal ??= cancellationSignal(call);
      return signal;
    },
    get deadlineMs() {
      const deadline = call.getDeadline();
      const deadlineMs = deadline instanceof Date ? deadline.getTime() : deadline;
      return Number.isFinite(deadlineMs) ? deadlineMs : undefined;
    },
    metadata: call.metadata,
    get peer() {
      return call.getPeer();
    },
  };
}

function cancellationSignal(call: AnyCall): AbortSignal {
  const controller = new AbortController();
  const emitter: EventEmitter = call;
  if (call.cancelled) controller.abort();
  else emitter.once('cancelled', () => controller.abort());
  return controller.signal;
}

function logUnexpected(logger: Logger, method: DescMethod, error: unknown): void {
  if (error instanceof TxmsgError && error.code !== 'INTERNAL') return;
  logger.error({ err: error, rpc: `${method.parent.typeName}/${method.name}` }, 'call failed unexpectedly');
}
