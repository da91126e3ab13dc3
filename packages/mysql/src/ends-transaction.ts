/** What ends a transaction, or commits it by itself. `ROLLBACK TO` a savepoint may run. */
const ENDS = [
  'begin(?!\\s+not\\s+atomic)|start|stop|commit|rollback(?!\\s+(?:work\\s+)?to\\b)|xa',
  'set\\s[^;]*(?<![\\w@$])(?:@@(?:\\w+\\.)?)?autocommit|set\\s+(?:password|default)',
  'create(?!\\s+temporary)|alter|drop(?!\\s+(?:temporary|prepare))|truncate|rename|(?:un)?lock',
  'analyze|cache|check|flush|grant|(?:un)?install|load\\s+index|optimi[sz]e|repair|reset|revoke|change',
];
const ENDS_TRANSACTION = new RegExp(`(?:^|;)[\\s(]*(?:${ENDS.join('|')})\\b`, 'i');

/** Quoted texts and comments; what stands in a comment with `!` is run. */
const QUOTED_OR_COMMENT =
  /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"|`[^`]*`|(?:#|--(?=\s|$)).*|\/\*(?!M?!)[\s\S]*?\*\/|\/\*M?!\d*|\*\//g;
const MAY_HIDE = /[;#'"`]|--|\/\*/;

/** Whether one of the statements in a text would end the transaction. */
export function endsTransaction(text: string): boolean {
  const plain = MAY_HIDE.test(text) ? text.replace(QUOTED_OR_COMMENT, ' ') : text;
  return ENDS_TRANSACTION.test(plain);
}
