INSERT INTO `retention` (`id`, `floor`) VALUES (1, '1970-01-01 00:00:00.000');
--> statement-breakpoint
INSERT INTO `lease` (`name`, `owner`, `until_time`) VALUES ('retention', '', '1970-01-01 00:00:00.000');
