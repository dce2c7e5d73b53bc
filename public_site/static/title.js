// Articles that may answer the question while its title is typed. One that is chosen opens beside
// the form, and the form asks whether it solved it.

import { offerArticles } from "./suggest.js";

export function titleSuggestions(form) {
  const advice = form.querySelector("[data-advice]");
  const link = advice.querySelector("a");
  const solved = document.getElementById("solved-title");
  offerArticles(form.elements.title, {
    least: 4,
    choose: (article) => {
      link.href = `/help/${article.slug}`;
      link.textContent = article.title;
      solved.elements.article.value = article.slug;
      advice.hidden = false;
      link.click();
    },
  });
}
