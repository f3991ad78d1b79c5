export interface AsyncStore<T> {
  get(): T | undefined;
  run<R>(value: T, body: () => R): R;
}
