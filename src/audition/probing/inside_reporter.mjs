// Loaded by `node --test` as a reporter: what became of every test, one JSON object a line.
// Node's own JUnit reporter does not say which file a test is from.

const MOST = 8000;

function cut(text) {
  return text === undefined || text === null ? "" : String(text).slice(0, MOST);
}

function told(error) {
  if (!error) return null;
  const cause = error.cause && typeof error.cause === "object" ? error.cause : error;
  return {
    type: error.failureType ?? "",
    text: cut(cause.stack ?? cause.message ?? error.cause),
    message: cut(cause.message ?? error.cause),
    name: cut(cause.name),
  };
}

const KINDS = new Set(["test:start", "test:pass", "test:fail"]);

export default async function* reporter(source) {
  const errors = new Map();
  for await (const { type, data } of source) {
    if (type === "test:stderr") {
      errors.set(data.file, (errors.get(data.file) ?? "").concat(data.message).slice(-MOST));
    } else if (KINDS.has(type)) {
      const { name, nesting, file, details, skip, todo } = data;
      yield `${JSON.stringify({
        event: type.slice(5),
        name: cut(name),
        nesting,
        file: cut(file),
        skipped: [skip, todo].some((reason) => reason !== undefined && reason !== false),
        suite: details?.type === "suite",
        error: type === "test:fail" ? told(details?.error) : null,
        printed: type === "test:fail" && nesting === 0 ? (errors.get(file) ?? "") : "",
      })}\n`;
    }
  }
  yield `${JSON.stringify({ event: "end" })}\n`;
}
