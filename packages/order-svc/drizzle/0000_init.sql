CREATE TABLE `orders` (
	`id` bigint AUTO_INCREMENT NOT NULL,
	`create_time` datetime(3) NOT NULL,
	`order_no` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`product_id` bigint NOT NULL,
	`pay_count` int NOT NULL,
	`tx_no` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`status` enum('PENDING','CONFIRMED','REJECTED') NOT NULL,
	`status_reason` varchar(255) NOT NULL,
	`update_time` datetime(3) NOT NULL,
	CONSTRAINT `orders_id` PRIMARY KEY(`id`),
	CONSTRAINT `orders_tx_no` UNIQUE(`tx_no`),
	CONSTRAINT `orders_order_no` UNIQUE(`order_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `tx_group` (
	`transaction_id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`state` enum('LIVE','FENCED') NOT NULL,
	`create_time` datetime(3) NOT NULL,
	CONSTRAINT `tx_group_transaction_id` PRIMARY KEY(`transaction_id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE TABLE `tx_log` (
	`tx_no` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`create_time` datetime(3) NOT NULL,
	`transaction_id` varchar(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
	`state` enum('PENDING','SETTLED') NOT NULL,
	`next_relay_time` datetime(3) NOT NULL,
	`relay_count` int NOT NULL,
	CONSTRAINT `tx_log_tx_no` PRIMARY KEY(`tx_no`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
--> statement-breakpoint
CREATE INDEX `orders_create_time` ON `orders` (`create_time`);--> statement-breakpoint
CREATE INDEX `tx_group_age` ON `tx_group` (`create_time`);--> statement-breakpoint
CREATE INDEX `tx_log_due` ON `tx_log` (`state`,`next_relay_time`);--> statement-breakpoint
CREATE INDEX `tx_log_age` ON `tx_log` (`state`,`create_time`);