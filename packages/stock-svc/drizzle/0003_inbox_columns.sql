-- At the end of the row, nullable and without a default: both servers do it at once, whatever the size of the table, and
-- replicas of before, which name their columns, go on meanwhile.
ALTER TABLE `tx_log`
	ADD `type` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	ADD `environment` varchar(64) CHARACTER SET ascii COLLATE ascii_bin,
	ADD `trace_context` varchar(255) CHARACTER SET ascii COLLATE ascii_bin,
	ADD `order_key` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
	ADD `applied_time` datetime(3);
