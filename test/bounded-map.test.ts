import { expect, test } from "vitest";
import { BoundedMap } from "../src/bounded-map.js";

test("a bounded map drops the entry that was used the longest ago", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  expect(map.get("a")).toBe(1);
  map.set("c", 3);
  expect([...map]).toEqual([
    ["a", 1],
    ["c", 3],
  ]);
  map.set("a", 4);
  map.set("d", 5);
  expect(map.get("c")).toBeUndefined();
  map.delete("d");
  expect([map.get("a"), map.size]).toEqual([4, 1]);
});
