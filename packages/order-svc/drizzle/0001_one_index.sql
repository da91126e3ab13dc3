-- In one statement, online: claims are never without an index.
ALTER TABLE `tx_log` DROP INDEX `tx_log_age`, DROP INDEX `tx_log_due`, ADD INDEX `tx_log_due` (`state`,`next_relay_time`,`create_time`);