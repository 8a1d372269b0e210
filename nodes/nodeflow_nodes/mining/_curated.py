"""Names, words and first settings, for people, of the estimators that are asked for most."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Curated:
    """How a generated node appears: its id, name and place, what it does and when it helps, its first settings.

    `settings` maps a setting to its label and help, in the order shown; all others are folded away.
    """

    id: str
    name: str
    place: str
    purpose: str
    advice: str
    keywords: tuple[str, ...] = ()
    settings: dict[str, tuple[str, str]] = field(default_factory=dict)


_TREES = {
    "n_estimators": ("Trees", "How many trees are grown; more are steadier and slower."),
    "max_depth": ("Deepest tree", "How many splits deep a tree may grow; empty for no limit."),
    "min_samples_leaf": (
        "Rows in a leaf",
        "How many rows a leaf has at least: a number from 1, or a share below 1.",
    ),
}
_EXTRA = (
    "A forest whose trees cut at random places: faster to learn than a random forest, often as good, and smoother. "
    "The importance of each column is on the second output."
)
_BOOST = (
    "Small learners are added one by one, each looking more at the rows the others got wrong. "
    "It suffers from wrong labels and odd rows; try Gradient Boosting too."
)
_STEPS = {
    "n_estimators": ("Learners", "How many small learners are added at most."),
    "learning_rate": ("Learning rate", "How much each learner counts; smaller needs more learners."),
}
_PROCESS = "Learns a smooth relation from few rows; time and memory grow fast with them, so keep to a few thousand rows."
_NEIGHBOURS = ("Neighbours", "How many of the nearest rows are looked at.")
_NEW_COLUMNS = ("New columns", "How many columns are made.")
_VOTES = "The learners' kinds and settings are taken from the models on the input; they are learned anew, together."
_SHARE_ODD = (
    "Share of odd rows",
    "The share of rows expected to be odd, up to 0.5; auto takes the method's own limit.",
)

CURATED: dict[str, Curated] = {
    "ExtraTreesClassifier": Curated(
        "extra_trees_classifier", "Extra Trees Classifier", "Trees",
        "Learn to predict a class by many trees that split at random places.", _EXTRA,
        ("extremely randomised trees", "ensemble", "forest"), _TREES,
    ),
    "ExtraTreesRegressor": Curated(
        "extra_trees_regressor", "Extra Trees Regressor", "Trees",
        "Learn to predict a number by many trees that split at random places.", _EXTRA,
        ("extremely randomised trees", "ensemble", "forest"), _TREES,
    ),
    "AdaBoostClassifier": Curated(
        "adaboost_classifier", "AdaBoost Classifier", "Trees",
        "Learn to predict a class by small learners that mend each other's errors.", _BOOST,
        ("boosting", "adaptive boosting", "ensemble"), _STEPS,
    ),
    "AdaBoostRegressor": Curated(
        "adaboost_regressor", "AdaBoost Regressor", "Trees",
        "Learn to predict a number by small learners that mend each other's errors.", _BOOST,
        ("boosting", "adaptive boosting", "ensemble"), _STEPS,
    ),
    "LinearDiscriminantAnalysis": Curated(
        "linear_discriminant_analysis", "Linear Discriminant Analysis", "Classification",
        "Learn to predict a class by straight borders between clouds of the same shape.",
        "A quick and steady method for number columns that are roughly bell-shaped within each class.",
        ("LDA", "Fisher", "discriminant"),
        {"solver": ("Way of computing", "svd for many columns; lsqr or eigen if covariances are shrunk."),
         "shrinkage": ("Shrinkage", "How much covariances are drawn to simple ones, for few rows: auto, or from 0 to 1; "
                       "not with svd.")},
    ),
    "QuadraticDiscriminantAnalysis": Curated(
        "quadratic_discriminant_analysis", "Quadratic Discriminant Analysis", "Classification",
        "Learn to predict a class by curved borders between clouds of different shapes.",
        "Like Linear Discriminant Analysis, but each class has a shape of its own, which takes more rows to learn.",
        ("QDA", "discriminant"),
        {"reg_param": ("Shrinkage", "How much the shapes are drawn to round ones, from 0 to 1.")},
    ),
    "GaussianProcessClassifier": Curated(
        "gaussian_process_classifier", "Gaussian Process Classifier", "Classification",
        "Learn to predict a class, with smooth probabilities, from few rows.", _PROCESS, ("GP", "kriging"),
        {"n_restarts_optimizer": ("New beginnings", "How often the search for the best kernel starts anew.")},
    ),
    "GaussianProcessRegressor": Curated(
        "gaussian_process_regressor", "Gaussian Process Regressor", "Regression",
        "Learn to predict a number by a smooth curve through few rows.", _PROCESS, ("GP", "kriging"),
        {"alpha": ("Noise", "The variance of the noise in the target; larger values smooth more."),
         "n_restarts_optimizer": ("New beginnings", "How often the search for the best kernel starts anew.")},
    ),
    "IsotonicRegression": Curated(
        "isotonic_regression", "Isotonic Regression", "Regression",
        "Learn to predict a number by steps that only rise, or only fall, with one column.",
        "For a relation known to go one way, such as dose and effect. It takes exactly one number column.",
        ("monotonic", "PAVA", "steps"),
        {"increasing": ("Direction", "true for rising, false for falling, auto to find out."),
         "out_of_bounds": ("Beyond the rows seen", "clip holds the last step, nan gives no prediction, raise stops.")},
    ),
    "DBSCAN": Curated(
        "dbscan", "DBSCAN", "Clustering",
        "Find groups of any shape where rows lie densely, and rows that belong to none.",
        "The number of groups is found, not given. Rows in thin places get no group. HDBSCAN needs no distance.",
        ("density", "cluster", "noise"),
        {"eps": ("Distance of neighbours", "Rows nearer than this are neighbours, on the common scale of the columns."),
         "min_samples": ("Rows that make a place dense", "How many neighbours, itself among them, a core row has."),
         "metric": ("Distance", "How the distance of two rows is measured.")},
    ),
    "HDBSCAN": Curated(
        "hdbscan", "HDBSCAN", "Clustering",
        "Find groups of any shape and different density, and rows that belong to none.",
        "Like DBSCAN without a distance to choose: tell how large a group is at least. Rows in thin places get no group.",
        ("density", "hierarchical", "cluster", "noise"),
        {"min_cluster_size": ("Smallest group", "How many rows a group has at least."),
         "min_samples": ("Caution", "How many near rows a place needs; empty for the smallest group. "
                         "Larger values leave more rows without a group.")},
    ),
    "OPTICS": Curated(
        "optics", "OPTICS", "Clustering",
        "Find groups of different density, in the order in which rows can be reached.",
        "A slower kin of DBSCAN that looks at all distances up to a limit; rows in thin places get no group.",
        ("density", "reachability", "cluster"),
        {"min_samples": ("Rows that make a place dense", "How many neighbours a core row has: a number, or a share."),
         "xi": ("Steepness of a border", "How much density falls at the border of a group, from 0 to 1.")},
    ),
    "GaussianMixture": Curated(
        "gaussian_mixture", "Gaussian Mixture", "Clustering",
        "Put rows into bell-shaped clouds that may overlap.",
        "Like k-Means, with clouds of any size, direction and weight. Compare numbers of clouds by the Cluster Scorer.",
        ("GMM", "EM", "expectation maximisation", "cluster"),
        {"n_components": ("Clouds", "The number of groups."),
         "covariance_type": ("Shape", "full: any; tied: all alike; diag: along the axes; spherical: round."),
         "n_init": ("Attempts", "How often it is begun anew; the best result counts.")},
    ),
    "SpectralClustering": Curated(
        "spectral_clustering", "Spectral Clustering", "Clustering",
        "Find groups that are connected, by cutting a graph of near rows.",
        "For groups such as rings and crescents. All pairs are compared, so keep to a few thousand rows.",
        ("graph", "Laplacian", "cluster"),
        {"n_clusters": ("Groups", "The number of groups."),
         "affinity": ("Nearness", "rbf for all rows by distance, nearest_neighbors for the nearest only."),
         "n_neighbors": ("Neighbours", "How many rows are connected to each, with nearest_neighbors.")},
    ),
    "MeanShift": Curated(
        "mean_shift", "Mean Shift", "Clustering",
        "Find groups around the places where rows are densest.",
        "The number of groups is found from the width; slow on many rows.",
        ("density", "mode", "cluster"),
        {"bandwidth": ("Width", "How far around a place rows count; empty to estimate it from the rows.")},
    ),
    "Birch": Curated(
        "birch", "BIRCH", "Clustering",
        "Group very many rows by summing them up in a tree first.",
        "For tables too large for Hierarchical Clustering.",
        ("large", "cluster"),
        {"n_clusters": ("Groups", "The number of groups."),
         "threshold": ("Width of a leaf", "How near rows are to be summed up, on the common scale.")},
    ),
    "TruncatedSVD": Curated(
        "truncated_svd", "Truncated SVD", "Reducing",
        "Reduce many columns to few, also those of words of texts.",
        "PCA without centring, so that sparse columns stay sparse: latent semantic analysis of texts.",
        ("LSA", "LSI", "singular value decomposition", "latent semantic"),
        {"n_components": _NEW_COLUMNS},
    ),
    "NMF": Curated(
        "nmf", "NMF", "Reducing",
        "Take columns apart into few parts that only add up.",
        "For values that are never negative, such as counts and pixels; parts are easier to read than those of PCA.",
        ("non-negative matrix factorisation", "topics"),
        {"n_components": _NEW_COLUMNS, "max_iter": ("Most rounds", "When to stop at the latest.")},
    ),
    "FastICA": Curated(
        "ica", "ICA", "Reducing",
        "Take mixed signals apart into independent ones.",
        "For columns that each record a mixture, such as microphones in one room.",
        ("independent component analysis", "FastICA", "blind source separation"),
        {"n_components": _NEW_COLUMNS},
    ),
    "TSNE": Curated(
        "t_sne", "t-SNE", "Reducing",
        "Draw rows of many columns on a plane, so that near rows stay near.",
        "Good for looking at groups; sizes of groups and distances between them mean little. New rows cannot be added.",
        ("embedding", "visualise", "neighbour embedding"),
        {"n_components": ("Dimensions", "2 for a plane, 3 for space."),
         "perplexity": ("Perplexity", "About how many neighbours each row has; below the number of rows."),
         "metric": ("Distance", "How the distance of two rows is measured.")},
    ),
    "MDS": Curated(
        "mds", "MDS", "Reducing",
        "Draw rows on a plane so that distances stay as they are, as well as can be.",
        "All pairs are compared, so keep to a few thousand rows. New rows cannot be added.",
        ("multidimensional scaling", "embedding", "visualise"),
        {"n_components": ("Dimensions", "2 for a plane."),
         "metric_mds": ("Keep distances", "Otherwise only the order of the distances is kept.")},
    ),
    "Isomap": Curated(
        "isomap", "Isomap", "Reducing",
        "Unroll a bent surface in many columns by distances along it.",
        "Distances go from neighbour to neighbour, not through the air.",
        ("manifold", "geodesic", "embedding"),
        {"n_neighbors": _NEIGHBOURS, "n_components": ("Dimensions", "How many columns are made.")},
    ),
    "LocallyLinearEmbedding": Curated(
        "locally_linear_embedding", "Locally Linear Embedding", "Reducing",
        "Unroll a bent surface in many columns by how each row is made of its neighbours.",
        "Quicker than Isomap and less steady.",
        ("LLE", "manifold", "embedding"),
        {"n_neighbors": _NEIGHBOURS, "n_components": ("Dimensions", "How many columns are made."),
         "method": ("Variant", "modified and hessian keep shapes better and need more neighbours.")},
    ),
    "KernelPCA": Curated(
        "kernel_pca", "Kernel PCA", "Reducing",
        "Find few columns along which rows differ most, on curves as well as on lines.",
        "PCA in the space of a kernel; all pairs are compared, so keep to a few thousand rows.",
        ("nonlinear PCA", "kernel"),
        {"n_components": _NEW_COLUMNS,
         "kernel": ("Kernel", "The kind of similarity between rows; linear is plain PCA."),
         "gamma": ("Reach", "How far a row's influence reaches in rbf, poly and sigmoid: larger reaches less far; "
                   "empty for one by the number of columns.")},
    ),
    "GaussianRandomProjection": Curated(
        "random_projection", "Random Projection", "Reducing",
        "Reduce very many columns at random so that distances nearly stay.",
        "Very quick, and knows nothing of the rows. With auto, the number of columns follows from the error allowed.",
        ("Johnson-Lindenstrauss", "random"),
        {"n_components": ("New columns", "How many columns are made, or auto."),
         "eps": ("Error allowed", "By which share distances may change, with auto.")},
    ),
    "IsolationForest": Curated(
        "isolation_forest", "Isolation Forest", "Outliers",
        "Mark rows that few random cuts set apart from the others.",
        "A good first choice for many columns and many rows.",
        ("anomaly", "novelty", "outlier detection"),
        {"n_estimators": ("Trees", "How many trees are grown."), "contamination": _SHARE_ODD},
    ),
    "LocalOutlierFactor": Curated(
        "local_outlier_factor", "Local Outlier Factor", "Outliers",
        "Mark rows whose surroundings are thinner than those of their neighbours.",
        "Finds rows that are odd for their place, where dense and thin regions meet.",
        ("LOF", "anomaly", "density", "outlier detection"),
        {"n_neighbors": _NEIGHBOURS, "contamination": _SHARE_ODD},
    ),
    "OneClassSVM": Curated(
        "one_class_svm", "One-Class SVM", "Outliers",
        "Learn a border around usual rows and mark those outside.",
        "For learning from usual rows alone; slow above ten thousand rows.",
        ("novelty", "anomaly", "outlier detection"),
        {"nu": ("Share outside", "About the share of rows that the border leaves outside."),
         "kernel": ("Kernel", "The kind of similarity between rows."),
         "gamma": ("Reach", "scale, auto or a number: larger values follow the rows more closely.")},
    ),
    "SelectKBest": Curated(
        "select_best_columns", "Select Best Columns", "Choosing columns",
        "Keep the columns that each tell most of a target.",
        "Each column is looked at alone by an F test; see the scores on the second output.",
        ("univariate", "SelectKBest", "feature selection", "ANOVA"),
        {"k": ("Columns kept", "How many columns stay, or all.")},
    ),
    "RFE": Curated(
        "recursive_feature_elimination", "Recursive Feature Elimination", "Choosing columns",
        "Take away the columns a learner makes least of, again and again.",
        "The learner's kind and settings come from the model on the input; it needs weights or importances.",
        ("RFE", "backward", "feature selection"),
        {"n_features_to_select": ("Columns kept", "A number, a share, or none for half."),
         "step": ("Columns taken away in a round", "A number from 1, or a share below 1.")},
    ),
    "SequentialFeatureSelector": Curated(
        "sequential_feature_selection", "Sequential Feature Selection", "Choosing columns",
        "Add columns one by one, or take them away, by what a learner gains in cross-validation.",
        "Thorough and slow: a learner is trained for each column in each round.",
        ("forward", "backward", "SFS", "feature selection", "wrapper"),
        {"n_features_to_select": ("Columns kept", "A number, a share, or auto for half."),
         "direction": ("Direction", "Whether columns are added one by one (forward), or taken away (backward).")},
    ),
    "SelectFromModel": Curated(
        "select_by_importance", "Select by Importance", "Choosing columns",
        "Keep the columns of which a learner makes more than of the average.",
        "The learner's kind and settings come from the model on the input; it needs weights or importances.",
        ("SelectFromModel", "embedded", "feature selection"),
        {"threshold": ("Limit", "The least importance: mean, median, or a number.")},
    ),
    "VotingClassifier": Curated(
        "voting_classifier", "Voting Classifier", "Combining",
        "Let several learners vote on the class.", _VOTES, ("ensemble", "majority"),
        {"voting": ("Vote", "By class (hard), or by the mean of the probabilities (soft).")},
    ),
    "VotingRegressor": Curated(
        "voting_regressor", "Voting Regressor", "Combining",
        "Predict a number by the mean of several learners.", _VOTES, ("ensemble", "average"),
    ),
    "StackingClassifier": Curated(
        "stacking_classifier", "Stacking Classifier", "Combining",
        "Learn how much to trust each of several learners that predict a class.", _VOTES, ("ensemble", "blending"),
        {"passthrough": ("Columns as well", "Whether the last learner sees the columns too.")},
    ),
    "StackingRegressor": Curated(
        "stacking_regressor", "Stacking Regressor", "Combining",
        "Learn how much to trust each of several learners that predict a number.", _VOTES, ("ensemble", "blending"),
        {"passthrough": ("Columns as well", "Whether the last learner sees the columns too.")},
    ),
    "CalibratedClassifierCV": Curated(
        "calibrated_classifier", "Calibrated Classifier", "Combining",
        "Make a learner's probabilities mean what they say.",
        "Learns on rows held back how often a probability comes true; see the Calibration node for the effect.",
        ("calibration", "Platt", "isotonic", "probability"),
        {"method": ("Correction", "sigmoid for few rows, isotonic from about a thousand, temperature for several classes."),
         "cv": ("Parts", "Into how many parts the rows are divided.")},
    ),
    "TfidfVectorizer": Curated(
        "text_to_tfidf", "Text to Tf-idf", "Texts",
        "Make number columns of the words of texts, weighed by how rare they are.",
        "Before a learner it is simpler to name the column in the learner's own setting for words, which keeps them sparse.",
        ("tf-idf", "bag of words", "document vector", "vectorizer"),
        {"max_features": ("Most words", "Only the most frequent words become columns."),
         "ngram_range": ("Words taken together", "The least and the largest number of neighbouring words."),
         "stop_words": ("Leave out", "Whether frequent English words are left out.")},
    ),
    "CountVectorizer": Curated(
        "text_to_counts", "Text to Word Counts", "Texts",
        "Make a column for each word of texts, with how often it occurs.",
        "Before a learner it is simpler to name the column in the learner's own setting for words, which keeps them sparse.",
        ("bag of words", "document vector", "vectorizer", "term frequency"),
        {"max_features": ("Most words", "Only the most frequent words become columns."),
         "ngram_range": ("Words taken together", "The least and the largest number of neighbouring words."),
         "stop_words": ("Leave out", "Whether frequent English words are left out.")},
    ),
}  # fmt: skip
