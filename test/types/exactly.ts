/** Compiles only where `A` and `B` are the same type; `any` equals nothing but itself. */
export function exactly<A, B>(..._: Same<A, B> extends true ? [] : [{ "these differ": [A, B] }]): void {}

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
