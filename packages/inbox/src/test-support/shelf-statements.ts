import { inboxRows } from '../store/tables.js';

const ENGINE = 'ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';
const KEY = 'varchar(64) CHARACTER SET ascii COLLATE ascii_bin';
const LATER = `type ${KEY}, environment ${KEY}, trace_context varchar(255) CHARACTER SET ascii COLLATE ascii_bin, order_key varchar(255),
  applied_time datetime(3)`;
const RECORD = `tx_no ${KEY} PRIMARY KEY, create_time datetime(3) NOT NULL`;
const DECISION = `outcome enum('APPLIED', 'REJECTED') NOT NULL, reason varchar(64) NOT NULL`;

/** The tables of an inbox beside its records, with this prefix. */
function sideTables(prefix: string): readonly string[] {
  return [
    `CREATE TABLE ${prefix}admin_action (
       id bigint AUTO_INCREMENT PRIMARY KEY, actor varchar(64) NOT NULL, action varchar(64) NOT NULL,
       target varchar(64) NOT NULL, detail varchar(1024) NOT NULL, create_time datetime(3) NOT NULL) ${ENGINE}`,
    `CREATE TABLE ${prefix}dead_letter (
       id bigint AUTO_INCREMENT PRIMARY KEY, body_hash char(64) NOT NULL, attempts int NOT NULL, body mediumblob NOT NULL,
       reason varchar(64) NOT NULL, detail varchar(1024) NOT NULL, topic varchar(255) NOT NULL,
       message_id varchar(255) NOT NULL, participant ${KEY} NOT NULL, born_time datetime(3),
       status enum('PENDING', 'REPLAYED', 'DROPPED') NOT NULL, create_time datetime(3) NOT NULL,
       update_time datetime(3) NOT NULL, body_length bigint,
       UNIQUE KEY ${prefix}dead_letter_body_hash (body_hash), KEY dead_letter_status (status, update_time)) ${ENGINE}`,
    `CREATE TABLE ${prefix}retention (id tinyint PRIMARY KEY, floor datetime(3) NOT NULL) ${ENGINE}`,
    `CREATE TABLE ${prefix}watermark (participant ${KEY} PRIMARY KEY, oldest_unsettled datetime(3) NOT NULL,
       update_time datetime(3), seen_time datetime(3)) ${ENGINE}`,
    `CREATE TABLE ${prefix}lease (name ${KEY} PRIMARY KEY, owner ${KEY} NOT NULL, until_time datetime(3) NOT NULL) ${ENGINE}`,
    ...inboxRows(prefix),
  ];
}

/** The tables of the test service: its products, its records with two columns of content, and what an inbox needs. */
export const shelfStatements: readonly string[] = [
  `CREATE TABLE stock (
     id bigint AUTO_INCREMENT PRIMARY KEY, product_id bigint NOT NULL, total_count bigint NOT NULL,
     added_total bigint NOT NULL, taken_total bigint NOT NULL, UNIQUE KEY stock_product_id (product_id),
     CONSTRAINT stock_never_negative CHECK (total_count >= 0)) ${ENGINE}`,
  `CREATE TABLE tx_log (
     ${RECORD}, product_id bigint NOT NULL, pay_count int NOT NULL, ${DECISION}, participant ${KEY}, ${LATER},
     KEY tx_log_create_time (create_time)) ${ENGINE}`,
  ...sideTables(''),
];

/** The tables of a general inbox. */
export const generalStatements: readonly string[] = [
  `CREATE TABLE txmsg_inbox (
     ${RECORD}, ${DECISION}, participant ${KEY}, content varchar(255) NOT NULL, ${LATER},
     KEY txmsg_inbox_create_time (create_time)) ${ENGINE}`,
  ...sideTables('txmsg_'),
];
