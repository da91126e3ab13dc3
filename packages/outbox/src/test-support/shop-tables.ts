/** The tables of the shop as the first schema has them. */
export const FIRST_SCHEMA: readonly string[] = [
  `CREATE TABLE orders (
    id bigint AUTO_INCREMENT NOT NULL PRIMARY KEY,
    create_time datetime(3) NOT NULL,
    order_no varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
    product_id bigint NOT NULL,
    pay_count int NOT NULL,
    tx_no varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    status enum('PENDING','CONFIRMED','REJECTED') NOT NULL,
    status_reason varchar(255) NOT NULL,
    update_time datetime(3) NOT NULL,
    UNIQUE KEY orders_tx_no (tx_no),
    KEY orders_create_time (create_time)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE tx_group (
    transaction_id varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    state enum('LIVE','FENCED') NOT NULL,
    create_time datetime(3) NOT NULL,
    KEY tx_group_age (create_time)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
  `CREATE TABLE tx_log (
    tx_no varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    create_time datetime(3) NOT NULL,
    transaction_id varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    state enum('PENDING','SETTLED') NOT NULL,
    next_relay_time datetime(3) NOT NULL,
    relay_count int NOT NULL,
    KEY tx_log_due (state, next_relay_time, create_time)
  ) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
];

/** What the second schema adds. */
export const LATER_COLUMNS_SQL = `ALTER TABLE tx_log
  ADD COLUMN type varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
  ADD COLUMN payload mediumblob,
  ADD COLUMN consumer varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
  ADD COLUMN outcome enum('UNKNOWN','APPLIED','REJECTED') NOT NULL DEFAULT 'UNKNOWN',
  ADD COLUMN reason varchar(255) CHARACTER SET utf8mb4,
  ADD COLUMN environment varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
  ADD COLUMN trace_context varchar(255) CHARACTER SET ascii COLLATE ascii_bin,
  ADD COLUMN order_key varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
  ADD COLUMN not_before datetime(3),
  ADD COLUMN expires datetime(3),
  ADD COLUMN publish_time datetime(3),
  ADD COLUMN settle_time datetime(3) NOT NULL DEFAULT '1970-01-01 00:00:00.000',
  ALGORITHM=INSTANT`;
