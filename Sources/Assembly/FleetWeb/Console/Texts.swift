internal import Vending

/// All that the console says, each in both languages: one without its translation does not compile.
struct Texts {
  // Everywhere.
  let product = Bilingual("Vending service", "售货机支付服务")
  let overview = Bilingual("Overview", "概览")
  let orders = Bilingual("Orders", "订单")
  let cases = Bilingual("Cases", "待处理")
  let machines = Bilingual("Machines", "机器")
  let prices = Bilingual("Prices", "价格")
  let days = Bilingual("Days", "日对账")
  let log = Bilingual("Log", "操作日志")
  let operators = Bilingual("Operators", "操作员")
  let skip = Bilingual("To the content", "跳到正文")
  let otherLanguage = Bilingual("中文", "English")
  let menu = Bilingual("Pages", "页面")
  let next = Bilingual("Next page", "下一页")
  let first = Bilingual("To the beginning", "回到开头")
  let nothing = Bilingual("Nothing here.", "没有内容。")
  let cancel = Bilingual("Back", "返回")
  let clock = Bilingual("Times are Beijing time.", "时间均为北京时间。")
  let at = Bilingual("Time", "时间")
  let who = Bilingual("By", "操作者")
  let what = Bilingual("What", "操作")
  let subject = Bilingual("About", "对象")
  let words = Bilingual("Particulars", "详情")
  let damaged = Bilingual("damaged", "数据损坏")
  let yes = Bilingual("yes", "是")
  let no = Bilingual("no", "否")

  // Login and password.
  let login = Bilingual("Log in", "登录")
  let logout = Bilingual("Log out", "退出")
  let name = Bilingual("Name", "名称")
  let password = Bilingual("Password", "密码")
  let wrongLogin = Bilingual("Name or password is wrong.", "用户名或密码错误。")
  let tryLater = Bilingual("Too many tries. Try again in", "尝试次数过多，请稍后再试：")
  let minutes = Bilingual("min", "分钟")
  let busy = Bilingual("Too many people log in just now.", "当前登录人数过多。")
  let changePassword = Bilingual("Change my password", "修改我的密码")
  let presentPassword = Bilingual("Present password", "当前密码")
  let newPassword = Bilingual("New password", "新密码")
  let passwordRule = Bilingual("At least 10 characters.", "至少 10 个字符。")
  let passwordChanged = Bilingual(
    "The password is changed. All sessions have ended: log in with the new one.",
    "密码已修改，所有会话均已结束，请用新密码登录。")

  // What goes wrong.
  let notFound = Bilingual("There is no such page.", "页面不存在。")
  let wrongMethod = Bilingual("That cannot be done here.", "不支持该操作。")
  let forbidden = Bilingual("Your role does not allow this.", "您的角色无权进行此操作。")
  let staleForm = Bilingual(
    "This form is not of your present session. Nothing was changed: go back, load the page anew "
      + "and try again.",
    "该表单不属于当前会话，未做任何更改。请返回并刷新页面后重试。")
  let tooLarge = Bilingual("That is more than a form may hold.", "表单内容过大。")
  let storeFails = Bilingual("The store did not answer:", "存储没有响应：")
  let trouble = Bilingual("Not done", "未完成")
  let done = Bilingual("Done.", "已完成。")

  // Overview.
  let casesOpen = Bilingual("Open cases", "待处理事项")
  let noCases = Bilingual("No open cases.", "没有待处理事项。")
  let allCases = Bilingual("All cases", "全部事项")
  let machinesInTrouble = Bilingual("Machines in trouble", "异常机器")
  let machinesFine = Bilingual("No machine is quiet or reports a fault.", "没有失联或故障的机器。")
  let today = Bilingual("Today", "今日")
  let sold = Bilingual("Delivered", "已出货")
  let givenBack = Bilingual("Given back", "已退款")
  let underWay = Bilingual("Under way", "进行中")
  let unpaid = Bilingual("Not paid", "未付款")
  let heldPolls = Bilingual("Machines waiting for a payment", "等待付款的机器")
  let atLeast = Bilingual("at least", "至少")
  let counted = Bilingual("counted at", "统计时间")
  let quietMachines = Bilingual("quiet", "失联")
  let faultyMachines = Bilingual("with faults", "有故障")
  let enrolled = Bilingual("enrolled", "已接入")
  let heldCases = Bilingual("A person must decide", "需要人工决定")
  let owedCases = Bilingual("Refund not accepted yet", "退款尚未受理")
  let silentCases = Bilingual(
    "Permitted, and the machine has not said what came of it", "已允许出货，机器尚未上报结果")
  let refundingCases = Bilingual("Refund on its way", "退款处理中")

  // Orders.
  let order = Bilingual("Order", "订单")
  let number = Bilingual("Number", "订单号")
  let numberOrEnding = Bilingual("Number or its last characters", "订单号或末几位")
  let machine = Bilingual("Machine", "机器")
  let lane = Bilingual("Lane", "货道")
  let title = Bilingual("Product", "商品")
  let amount = Bilingual("Amount", "金额")
  let standing = Bilingual("State", "状态")
  let anyState = Bilingual("any", "不限")
  let day = Bilingual("Day", "日期")
  let onlyOpen = Bilingual("only unfinished", "仅未完成")
  let search = Bilingual("Search", "查询")
  let opened = Bilingual("Came", "收到时间")
  let updated = Bilingual("Last change", "最后更新")
  let madeAt = Bilingual("Made by the machine", "机器下单时间")
  let expiresAt = Bilingual("Payable until", "付款截止")
  let dueAt = Bilingual("Next step of the service", "下次处理")
  let noteTitle = Bilingual("Note", "备注")
  let attempts = Bilingual("Tries", "尝试次数")
  let payment = Bilingual("Payment", "付款")
  let noPayment = Bilingual("No payment was seen.", "未见付款。")
  let transaction = Bilingual("Provider's number", "支付平台单号")
  let paidTotal = Bilingual("Paid", "实付")
  let paidAt = Bilingual("Paid at", "付款时间")
  let refundNumber = Bilingual("Refund number", "退款单号")
  let history = Bilingual("What happened", "过程")
  let noOrder = Bilingual("There is no such order.", "没有该订单。")
  let acts = Bilingual("Decide", "处理")
  let confirm = Bilingual("Please confirm", "请确认")

  // Machines.
  let lastContact = Bilingual("Last contact", "最后联系")
  let never = Bilingual("never", "从未")
  let faults = Bilingual("Faults", "故障")
  let boots = Bilingual("Starts", "启动次数")
  let program = Bilingual("Program", "程序版本")
  let reported = Bilingual("Says", "自报状态")
  let pricesVersion = Bilingual("Price list", "价格表版本")
  let settingsVersion = Bilingual("Settings", "设置版本")
  let settingsTrouble = Bilingual("Settings not taken", "设置未采用")
  let health = Bilingual("Health", "运行状况")
  let waiting = Bilingual("waiting for its code", "等待接入码")
  let newMachine = Bilingual("not enrolled", "未接入")
  let revoked = Bilingual("revoked", "已吊销")
  let quiet = Bilingual("quiet", "失联")
  let stopped = Bilingual("sells nothing", "停止销售")
  let working = Bilingual("working", "正常")
  let revoke = Bilingual("Revoke", "吊销")
  let revokeWords = Bilingual(
    "The machine's token opens nothing more. Orders under way are finished by the service; to come "
      + "back, the machine must be taken in anew.",
    "该机器的令牌将立即失效。进行中的订单由服务端继续处理；重新使用须再次接入。")
  let takeIn = Bilingual("Take a machine in", "接入机器")
  let takeInWords = Bilingual(
    "Stand in front of the machine and type the code that its display shows.",
    "请在机器前输入屏幕上显示的接入码。")
  let code = Bilingual("Code", "接入码")
  let codeUntil = Bilingual("Code valid until", "接入码有效期至")
  let noMachine = Bilingual("There is no such machine.", "没有该机器。")
  let remedy = Bilingual("What to do", "处理方法")
  let search1 = Bilingual("From this name on", "从此名称开始")

  // Prices.
  let fleetList = Bilingual("all machines without a list of their own", "所有没有单独价格表的机器")
  let version = Bilingual("Version", "版本")
  let versions = Bilingual("Versions", "历史版本")
  let lanes = Bilingual("Lanes", "货道数")
  let takenBack = Bilingual("taken back", "已撤销")
  let noList = Bilingual("No list: machines sell by their own prices.", "没有价格表：机器按本机价格出售。")
  let editList = Bilingual("Edit", "编辑")
  let listWords = Bilingual(
    "One lane a line, in yuan: 11 = 3.50. A lane that is not here is not sold.",
    "每行一个货道，单位元：11 = 3.50。未列出的货道不出售。")
  let preview = Bilingual("Look at the changes", "查看更改")
  let changes = Bilingual("Changes", "更改")
  let noChanges = Bilingual("Nothing changes.", "没有更改。")
  let before = Bilingual("Before", "原价")
  let after = Bilingual("After", "新价")
  let writeList = Bilingual("Put these prices into force", "启用此价格表")
  let takeBack = Bilingual("Take the list back", "撤销价格表")
  let takeBackWords = Bilingual(
    "Machines sell by the fleet's list, or by their own prices where there is none.",
    "机器将按全局价格表出售；没有全局价格表时按本机价格出售。")
  let otherList = Bilingual("List of a machine", "单机价格表")
  let overtaken = Bilingual(
    "Somebody else wrote this in the meantime. Nothing was changed: look at it anew.",
    "其他人刚刚修改过，未做任何更改，请重新查看。")
  let useAgain = Bilingual("Edit from this version", "以此版本为基础编辑")

  // Days.
  let result = Bilingual("Result", "结果")
  let agrees = Bilingual("agrees", "相符")
  let differs = Bilingual("differs", "有差异")
  let noDay = Bilingual("There is nothing about this day.", "没有该日数据。")
  let earlier = Bilingual("Earlier", "更早")
  let later = Bilingual("Later", "更晚")

  // People.
  let roleTitle = Bilingual("Role", "角色")
  let isDisabled = Bilingual("disabled", "已停用")
  let disable = Bilingual("Disable", "停用")
  let enable = Bilingual("Enable", "启用")
  let addOperator = Bilingual("Add an operator", "添加操作员")
  let setPassword = Bilingual("Set a password", "设置密码")
  let setRole = Bilingual("Change the role", "更改角色")
  let endSessions = Bilingual("End all sessions", "结束所有会话")
  let sessionWords = Bilingual(
    "Every change ends the person's sessions.", "任何更改都会结束该操作员的所有会话。")
  let change = Bilingual("Change", "更改")
  let save = Bilingual("Save", "保存")
}
