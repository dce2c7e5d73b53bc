"""The knowledge base: articles that people read before they ask."""

from models.kb import vain, views
from models.kb.actions import (
    create_article,
    create_category,
    delete_article,
    delete_category,
    hold,
    publish,
    unpublish,
    update_article,
    update_category,
    vote,
)
from models.kb.deeds import (
    ArticleDeed,
    ArticleFilter,
    CategoryDeed,
    Feedback,
    Solved,
    ToldFeedback,
)
from models.kb.deflecting import deflect, deflections
from models.kb.editions import edition, new_edition
from models.kb.exporting import export_tree
from models.kb.importing import Report, Wishes, import_tree
from models.kb.pictures import content as picture_content
from models.kb.pictures import kept_files
from models.kb.queries import (
    ArticleCard,
    ArticleRow,
    CategoryCount,
    PictureRow,
    all_articles,
    article_by_slug,
    categories,
    categories_with_counts,
    category,
    former_slug_target,
    get,
    missed,
    newest,
    picture,
    popular,
    published_article,
    published_articles,
    related,
    visible_to,
)
from models.kb.rendering import render
from models.kb.search import Found, search
from models.kb.searches import count_search, count_suggestion
from models.kb.summaries import ArticleSummary, summaries
from models.kb.tables import (
    Article,
    ArticleCategory,
    ArticleFeedback,
    Deflection,
    FormerSlug,
    VainSearch,
)
from models.kb.tree import Problem
from models.kb.vain import VainRow, sweep, vain_searches

__all__ = [
    "Article",
    "ArticleCard",
    "ArticleCategory",
    "ArticleDeed",
    "ArticleFeedback",
    "ArticleFilter",
    "ArticleRow",
    "ArticleSummary",
    "CategoryCount",
    "CategoryDeed",
    "Deflection",
    "Feedback",
    "FormerSlug",
    "Found",
    "PictureRow",
    "Problem",
    "Report",
    "Solved",
    "ToldFeedback",
    "VainRow",
    "VainSearch",
    "Wishes",
    "all_articles",
    "article_by_slug",
    "categories",
    "categories_with_counts",
    "category",
    "count_search",
    "count_suggestion",
    "create_article",
    "create_category",
    "deflect",
    "deflections",
    "delete_article",
    "delete_category",
    "edition",
    "export_tree",
    "former_slug_target",
    "get",
    "hold",
    "import_tree",
    "kept_files",
    "missed",
    "new_edition",
    "newest",
    "picture",
    "picture_content",
    "popular",
    "publish",
    "published_article",
    "published_articles",
    "related",
    "render",
    "search",
    "summaries",
    "sweep",
    "unpublish",
    "update_article",
    "update_category",
    "vain",
    "vain_searches",
    "views",
    "visible_to",
    "vote",
]
