export { StackError, type StackErrorCode } from './errors.js';
