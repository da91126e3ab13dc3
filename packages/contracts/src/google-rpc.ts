/** The standard error model: google.rpc.Status and its details (https://google.aip.dev/193). */
export {
  BadRequestSchema,
  ErrorInfoSchema,
  file_google_rpc_error_details,
  RetryInfoSchema,
} from './gen/google/rpc/error_details_pb.js';
export { type Status, StatusSchema } from './gen/google/rpc/status_pb.js';
