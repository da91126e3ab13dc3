-- The two databases of txmsg and their user, for the containers of compose.yaml. Tables come from the migrations.
CREATE DATABASE `tx-msg-orders` CHARACTER SET utf8mb4;
CREATE DATABASE `tx-msg-stock` CHARACTER SET utf8mb4;
CREATE USER 'txmsg'@'%' IDENTIFIED BY 'txmsg';
GRANT ALL PRIVILEGES ON `tx-msg-orders`.* TO 'txmsg'@'%';
GRANT ALL PRIVILEGES ON `tx-msg-stock`.* TO 'txmsg'@'%';
