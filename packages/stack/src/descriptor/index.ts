export { type Peers, peerEnv } from './peer-env.js';
export type {
  DatabaseDescriptor,
  ExampleCall,
  GroupDescriptor,
  PeerVariables,
  PortDescriptor,
  SeedDescriptor,
  ServedAt,
  ServiceDescriptor,
  TopicDescriptor,
  TopicType,
} from './service-descriptor.js';
export { messageTopics, serviceTopology, type Topology } from './topology.js';
