/* How the search ranks: first pages with a heading like the question, then guides, and last what has changed. */
var Scorer = (() => {
  const wordsOf = (text) => text.toLowerCase().match(/[a-z0-9_]+/g) ?? [];
  const question = wordsOf(new URLSearchParams(window.location.search).get("q") ?? "");
  const share = (asked, words) => asked.filter((word) => words.has(word)).length / Math.max(asked.length, 1);
  const likeness = (heading) => {
    const words = new Set(wordsOf(heading));
    const telling = question.filter((word) => !stopwords.has(word));
    return share(telling, words) + 0.3 * share(question, words);
  };
  let best; // by the number of a page, of its headings the likeness of the one most like the question
  const likenessOf = (docname) => {
    if (best === undefined) {
      best = {};
      for (const [heading, places] of Object.entries(Search._index.alltitles))
        for (const [page] of places) best[page] = Math.max(best[page] ?? 0, likeness(heading));
    }
    return best[Search._index.docnames.indexOf(docname)] ?? 0;
  };
  return {
    score: ([docname, , , , score]) =>
      score + 40 * likenessOf(docname) + (docname.includes("/") ? 0 : 5) - (docname.endsWith("/changelog") ? 15 : 0),
    objNameMatch: 11,
    objPartialMatch: 6,
    objPrio: { 0: 15, 1: 5, 2: -5 },
    objPrioDefault: 0,
    title: 15,
    partialTitle: 7,
    term: 5,
    partialTerm: 2,
  };
})();
