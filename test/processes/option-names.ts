import { fileURLToPath } from "node:url";
import ts from "typescript-6";

const src = fileURLToPath(new URL("../../src/", import.meta.url));

/**
 * The names of all options that may be left out, by the entry point of the package: optional members of what its
 * functions, classes and decorators take, and of what those hold.
 */
export function optionNames(entries: readonly string[]): Map<string, string[]> {
  const files = entries.map((entry) => `${src}${entry}.ts`);
  const { config } = ts.readConfigFile(`${src}../tsconfig.json`, ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, `${src}..`);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  return new Map(
    entries.map((entry, index) => {
      const names = new Set<string>();
      const module = checker.getSymbolAtLocation(program.getSourceFile(files[index]!)!)!;
      for (const symbol of checker.getExportsOfModule(module)) addOptions(checker, symbol, names);
      return [entry, [...names].sort()];
    }),
  );
}

function addOptions(checker: ts.TypeChecker, exported: ts.Symbol, names: Set<string>): void {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  if (!(symbol.flags & ts.SymbolFlags.Value)) return;
  const seen = new Set<ts.Type>();
  const visit = (type: ts.Type, depth: number): void => {
    if (depth > 3 || seen.has(type)) return;
    seen.add(type);
    if (type.isUnionOrIntersection()) for (const each of type.types) visit(each, depth);
    else if (type.flags & ts.TypeFlags.Object) {
      for (const member of checker.getPropertiesOfType(type)) {
        const file = member.declarations?.[0]?.getSourceFile().fileName ?? "";
        if (!file.startsWith(src)) continue;
        if (member.flags & ts.SymbolFlags.Optional) names.add(member.name);
        visit(checker.getTypeOfSymbol(member), depth + 1);
      }
    }
  };
  const type = checker.getTypeOfSymbol(symbol);
  for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()])
    for (const parameter of signature.getParameters()) visit(checker.getTypeOfSymbol(parameter), 0);
}
