/** A field that breaks a rule: its path in the proto, and what is wrong with it. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}
