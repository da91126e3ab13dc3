import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { OrderService } from '@txmsg/contracts';
import { createServiceDefinition, type MethodShape } from '@txmsg/grpc';
import { orderCodecs } from '@txmsg/order-svc/codecs';

// A program: a grpc-js server whose SubmitOrder decodes its request and answers an empty message, with nothing in
// between. It tells its parent the port that it listens on, and ends with its parent.
const submitOrder = (
  _call: ServerUnaryCall<MethodShape, MethodShape>,
  callback: sendUnaryData<MethodShape>,
) => callback(null, {});
const unimplemented = () => {};

const server = new Server();
server.addService(createServiceDefinition(OrderService, orderCodecs), {
  submitOrder,
  submitOrders: unimplemented,
  getOrder: unimplemented,
  listOrders: unimplemented,
  watchOrder: unimplemented,
});
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send?.({ port });
});
process.on('disconnect', () => process.exit(0));
