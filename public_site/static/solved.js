// An article solved it: what was typed into the ticket form is not kept any longer.

import { forgetDraft } from "./draft.js";

forgetDraft(document.querySelector("[data-forget-draft]").dataset.forgetDraft);
