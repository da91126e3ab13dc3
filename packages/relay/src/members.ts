import { isDeepStrictEqual } from 'node:util';

/** How members are opened and closed. */
export interface MemberKind<Spec, Member> {
  open(name: string, spec: Spec): Member;
  /** Resolves when nothing of the member is left. Must not reject. */
  close(member: Member, name: string): Promise<void>;
}

/** What is open, by name: all that the newest list has. */
export interface Members<Spec, Member> {
  /** Those that are open now. It changes with each update. */
  readonly current: ReadonlyMap<string, Member>;
  /** Opens what is new and closes what is gone. A member whose spec has changed is closed and opened again. */
  update(specs: ReadonlyMap<string, Spec>): void;
  /** Resolves when all that was closed so far is closed. */
  settled(): Promise<void>;
}

/** Makes members, none of them open. */
export function createMembers<Spec, Member>(kind: MemberKind<Spec, Member>): Members<Spec, Member> {
  const current = new Map<string, Member>();
  let known: ReadonlyMap<string, Spec> = new Map();
  const closing = new Set<Promise<void>>();
  const close = (name: string, member: Member) => {
    current.delete(name);
    const closed = kind.close(member, name).finally(() => closing.delete(closed));
    closing.add(closed);
  };
  return {
    current,
    update(specs) {
      for (const [name, member] of [...current]) {
        if (!specs.has(name) || !isDeepStrictEqual(specs.get(name), known.get(name))) close(name, member);
      }
      known = specs;
      for (const [name, spec] of specs) if (!current.has(name)) current.set(name, kind.open(name, spec));
    },
    settled: async () => void (await Promise.all(closing)),
  };
}
