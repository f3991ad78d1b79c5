// Fifty tools on one call stay within what the compiler can follow.
import { call, type FunctionToolCall, tool } from "callwright";
import { z } from "zod";
import { exactly } from "./exactly.js";

const t1 = tool({ name: "t1", description: "d", input: z.object({ a1: z.string() }) })(async (args) => args.a1);
const t2 = tool({ name: "t2", description: "d", input: z.object({ a2: z.string() }) })(async (args) => args.a2);
const t3 = tool({ name: "t3", description: "d", input: z.object({ a3: z.string() }) })(async (args) => args.a3);
const t4 = tool({ name: "t4", description: "d", input: z.object({ a4: z.string() }) })(async (args) => args.a4);
const t5 = tool({ name: "t5", description: "d", input: z.object({ a5: z.string() }) })(async (args) => args.a5);
const t6 = tool({ name: "t6", description: "d", input: z.object({ a6: z.string() }) })(async (args) => args.a6);
const t7 = tool({ name: "t7", description: "d", input: z.object({ a7: z.string() }) })(async (args) => args.a7);
const t8 = tool({ name: "t8", description: "d", input: z.object({ a8: z.string() }) })(async (args) => args.a8);
const t9 = tool({ name: "t9", description: "d", input: z.object({ a9: z.string() }) })(async (args) => args.a9);
const t10 = tool({ name: "t10", description: "d", input: z.object({ a10: z.string() }) })(async (args) => args.a10);
const t11 = tool({ name: "t11", description: "d", input: z.object({ a11: z.string() }) })(async (args) => args.a11);
const t12 = tool({ name: "t12", description: "d", input: z.object({ a12: z.string() }) })(async (args) => args.a12);
const t13 = tool({ name: "t13", description: "d", input: z.object({ a13: z.string() }) })(async (args) => args.a13);
const t14 = tool({ name: "t14", description: "d", input: z.object({ a14: z.string() }) })(async (args) => args.a14);
const t15 = tool({ name: "t15", description: "d", input: z.object({ a15: z.string() }) })(async (args) => args.a15);
const t16 = tool({ name: "t16", description: "d", input: z.object({ a16: z.string() }) })(async (args) => args.a16);
const t17 = tool({ name: "t17", description: "d", input: z.object({ a17: z.string() }) })(async (args) => args.a17);
const t18 = tool({ name: "t18", description: "d", input: z.object({ a18: z.string() }) })(async (args) => args.a18);
const t19 = tool({ name: "t19", description: "d", input: z.object({ a19: z.string() }) })(async (args) => args.a19);
const t20 = tool({ name: "t20", description: "d", input: z.object({ a20: z.string() }) })(async (args) => args.a20);
const t21 = tool({ name: "t21", description: "d", input: z.object({ a21: z.string() }) })(async (args) => args.a21);
const t22 = tool({ name: "t22", description: "d", input: z.object({ a22: z.string() }) })(async (args) => args.a22);
const t23 = tool({ name: "t23", description: "d", input: z.object({ a23: z.string() }) })(async (args) => args.a23);
const t24 = tool({ name: "t24", description: "d", input: z.object({ a24: z.string() }) })(async (args) => args.a24);
const t25 = tool({ name: "t25", description: "d", input: z.object({ a25: z.string() }) })(async (args) => args.a25);
const t26 = tool({ name: "t26", description: "d", input: z.object({ a26: z.string() }) })(async (args) => args.a26);
const t27 = tool({ name: "t27", description: "d", input: z.object({ a27: z.string() }) })(async (args) => args.a27);
const t28 = tool({ name: "t28", description: "d", input: z.object({ a28: z.string() }) })(async (args) => args.a28);
const t29 = tool({ name: "t29", description: "d", input: z.object({ a29: z.string() }) })(async (args) => args.a29);
const t30 = tool({ name: "t30", description: "d", input: z.object({ a30: z.string() }) })(async (args) => args.a30);
const t31 = tool({ name: "t31", description: "d", input: z.object({ a31: z.string() }) })(async (args) => args.a31);
const t32 = tool({ name: "t32", description: "d", input: z.object({ a32: z.string() }) })(async (args) => args.a32);
const t33 = tool({ name: "t33", description: "d", input: z.object({ a33: z.string() }) })(async (args) => args.a33);
const t34 = tool({ name: "t34", description: "d", input: z.object({ a34: z.string() }) })(async (args) => args.a34);
const t35 = tool({ name: "t35", description: "d", input: z.object({ a35: z.string() }) })(async (args) => args.a35);
const t36 = tool({ name: "t36", description: "d", input: z.object({ a36: z.string() }) })(async (args) => args.a36);
const t37 = tool({ name: "t37", description: "d", input: z.object({ a37: z.string() }) })(async (args) => args.a37);
const t38 = tool({ name: "t38", description: "d", input: z.object({ a38: z.string() }) })(async (args) => args.a38);
const t39 = tool({ name: "t39", description: "d", input: z.object({ a39: z.string() }) })(async (args) => args.a39);
const t40 = tool({ name: "t40", description: "d", input: z.object({ a40: z.string() }) })(async (args) => args.a40);
const t41 = tool({ name: "t41", description: "d", input: z.object({ a41: z.string() }) })(async (args) => args.a41);
const t42 = tool({ name: "t42", description: "d", input: z.object({ a42: z.string() }) })(async (args) => args.a42);
const t43 = tool({ name: "t43", description: "d", input: z.object({ a43: z.string() }) })(async (args) => args.a43);
const t44 = tool({ name: "t44", description: "d", input: z.object({ a44: z.string() }) })(async (args) => args.a44);
const t45 = tool({ name: "t45", description: "d", input: z.object({ a45: z.string() }) })(async (args) => args.a45);
const t46 = tool({ name: "t46", description: "d", input: z.object({ a46: z.string() }) })(async (args) => args.a46);
const t47 = tool({ name: "t47", description: "d", input: z.object({ a47: z.string() }) })(async (args) => args.a47);
const t48 = tool({ name: "t48", description: "d", input: z.object({ a48: z.string() }) })(async (args) => args.a48);
const t49 = tool({ name: "t49", description: "d", input: z.object({ a49: z.string() }) })(async (args) => args.a49);
const t50 = tool({ name: "t50", description: "d", input: z.object({ a50: z.string() }) })(async (args) => args.a50);

export const many = call("openai/m", {
  tools: [
    t1,
    t2,
    t3,
    t4,
    t5,
    t6,
    t7,
    t8,
    t9,
    t10,
    t11,
    t12,
    t13,
    t14,
    t15,
    t16,
    t17,
    t18,
    t19,
    t20,
    t21,
    t22,
    t23,
    t24,
    t25,
    t26,
    t27,
    t28,
    t29,
    t30,
    t31,
    t32,
    t33,
    t34,
    t35,
    t36,
    t37,
    t38,
    t39,
    t40,
    t41,
    t42,
    t43,
    t44,
    t45,
    t46,
    t47,
    t48,
    t49,
    t50,
  ],
})((question: string) => question);

export async function main(): Promise<void> {
  const { tool: used } = await many("q");
  exactly<
    Extract<typeof used, FunctionToolCall<{ a50: string }, Promise<string>>>,
    FunctionToolCall<{ a50: string }, Promise<string>>
  >();
}
