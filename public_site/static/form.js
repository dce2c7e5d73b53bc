// The ticket form: what it can do beyond the fields that work without a script.

import { keepDraft } from "./draft.js";
import { filesField } from "./files.js";
import { screenshotField } from "./shot.js";
import { technicalDetails } from "./technical.js";
import { titleSuggestions } from "./title.js";

const form = document.querySelector("[data-ticket-form]");
if (form) {
  keepDraft(form);
  filesField(form);
  screenshotField(form);
  technicalDetails(form);
  titleSuggestions(form);
}
