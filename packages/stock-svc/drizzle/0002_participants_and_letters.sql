-- Text of any language in every database, one statement per table.
ALTER TABLE `admin_action`
	MODIFY COLUMN `actor` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	MODIFY COLUMN `action` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	MODIFY COLUMN `target` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	MODIFY COLUMN `detail` varchar(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL;
--> statement-breakpoint
ALTER TABLE `dead_letter`
	MODIFY COLUMN `reason` varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	MODIFY COLUMN `detail` varchar(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	MODIFY COLUMN `topic` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
	MODIFY COLUMN `message_id` varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL;
--> statement-breakpoint
ALTER TABLE `dead_letter` ADD `body_length` bigint;
--> statement-breakpoint
-- At the end of the table and without a default: both servers do it at once, whatever the size of the table.
ALTER TABLE `tx_log` ADD `participant` varchar(64) CHARACTER SET ascii COLLATE ascii_bin;
--> statement-breakpoint
ALTER TABLE `watermark` ADD `seen_time` datetime(3);
