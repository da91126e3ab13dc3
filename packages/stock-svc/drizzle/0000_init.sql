CREATE TABLE `admin_action` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`actor` varchar(64) NOT NULL,
	`action` varchar(64) NOT NULL,
	`target` varchar(64) NOT NULL,
	`detail` varchar(1024) NOT NULL,
	`create_time` datetime(3) NOT NULL,
	CONSTRAINT `admin_action_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `dead_letter` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`body_hash` char(64) NOT NULL,
	`attempts` int NOT NULL,
	`body` mediumblob NOT NULL,
	`reason` varchar(64) NOT NULL,
	`detail` varchar(1024) NOT NULL,
	`topic` varchar(255) NOT NULL,
	`message_id` varchar(255) NOT NULL,
	`participant` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`born_time` datetime(3),
	`status` enum('PENDING','REPLAYED','DROPPED') NOT NULL,
	`create_time` datetime(3) NOT NULL,
	`update_time` datetime(3) NOT NULL,
	CONSTRAINT `dead_letter_id` PRIMARY KEY(`id`),
	CONSTRAINT `dead_letter_body_hash` UNIQUE(`body_hash`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `lease` (
	`name` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`owner` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`until_time` datetime(3) NOT NULL,
	CONSTRAINT `lease_name` PRIMARY KEY(`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `retention` (
	`id` tinyint NOT NULL,
	`floor` datetime(3) NOT NULL,
	CONSTRAINT `retention_id` PRIMARY KEY(`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `stock` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`product_id` bigint NOT NULL,
	`total_count` bigint NOT NULL,
	`added_total` bigint NOT NULL,
	`taken_total` bigint NOT NULL,
	CONSTRAINT `stock_id` PRIMARY KEY(`id`),
	CONSTRAINT `stock_product_id` UNIQUE(`product_id`),
	CONSTRAINT `stock_never_negative` CHECK(`total_count` >= 0)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `stock_change` (
	`request_id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`product_id` bigint NOT NULL,
	`delta` bigint NOT NULL,
	`create_time` datetime(3) NOT NULL,
	CONSTRAINT `stock_change_request_id` PRIMARY KEY(`request_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `tx_log` (
	`tx_no` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`create_time` datetime(3) NOT NULL,
	`product_id` bigint NOT NULL,
	`pay_count` int NOT NULL,
	`outcome` enum('APPLIED','REJECTED') NOT NULL,
	`reason` varchar(64) NOT NULL,
	CONSTRAINT `tx_log_tx_no` PRIMARY KEY(`tx_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `watermark` (
	`participant` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`oldest_unsettled` datetime(3) NOT NULL,
	`update_time` datetime(3),
	CONSTRAINT `watermark_participant` PRIMARY KEY(`participant`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `dead_letter_status` ON `dead_letter` (`status`,`update_time`);--> statement-breakpoint
CREATE INDEX `tx_log_create_time` ON `tx_log` (`create_time`);