// The search of the help center offers articles while somebody types; Enter alone searches.

import { offerArticles } from "./suggest.js";

const form = document.querySelector("form[data-search]");
offerArticles(form.elements.q, {
  least: 2,
  category: form.elements.category?.value,
  choose: (article) => location.assign(`/help/${article.slug}`),
});
